import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { pathFolders } from './programs.mjs';
import { answer, isAtLeast, SetupProblem, versionIn, work } from './run.mjs';

const VERSION = '4.20.1';
/** From this one on Go fetches the newer toolchain that golang-migrate needs by itself. */
const GO_WANTED = '1.21';
const GO_OFFERED = '1.25.0';
const PACKAGE = `github.com/golang-migrate/migrate/v4/cmd/migrate@v${VERSION}`;
/** Where Go's own installer puts it, and Homebrew what it has. */
const GO_FOLDERS = ['/usr/local/go/bin'];
const MIGRATE_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin'];
const DOWNLOAD_TIMEOUT_MS = 120_000;
const RELEASES = `https://github.com/golang-migrate/migrate/releases/download/v${VERSION}`;

/** sha256 of the release archives we would trust; a platform that is not here uses the built-in runner. */
const ARCHIVES = {
  'linux-x64': {
    name: 'migrate.linux-amd64.tar.gz',
    sha256: 'b1e13121d4178b7804a9fb29dca62d57b732390f7e5ae33f2cd65e9b192e1bd4',
  },
};

/**
 * golang-migrate with its PostgreSQL driver: from PATH, built before, built now or downloaded. Without it the demo
 * goes on with `null`; where it is needed, the set-up stops with the command that brings it.
 */
export async function provideGolangMigrate(cacheFolder, step, { isNeeded }) {
  const cached = join(cacheFolder, 'bin', 'migrate');
  const folders = [...pathFolders(), ...MIGRATE_FOLDERS];
  for (const path of [...folders.map((folder) => join(folder, 'migrate')), cached]) {
    if (!(await worksWithPostgres(path))) continue;
    step.found('golang-migrate');
    return path;
  }

  if ((await build(cacheFolder, step)) || (await download(cacheFolder, step))) {
    step.found('golang-migrate');
    return cached;
  }
  if (isNeeded) {
    throw new SetupProblem(
      `The tests need golang-migrate, and it could not be had here. Please run this once, then start again:\n\n  ${await command(cacheFolder)}\n`,
    );
  }
  step.found('no golang-migrate');
  step.notes(
    `golang-migrate could not be had (it needs Go ${GO_WANTED} or newer, or a download from github.com): ` +
      'the demo uses the built-in runner instead, with the same files and the same table; the tests need the tool',
  );
  return null;
}

/** What brings it, or brings Go, with which the set-up builds it. */
async function command(cacheFolder) {
  const go = await findGo();
  if (go !== null) {
    return `GOTOOLCHAIN=auto GOBIN='${join(cacheFolder, 'bin')}' CGO_ENABLED=0 ${go.path} install -tags postgres ${PACKAGE}`;
  }
  if (process.platform === 'darwin') return 'brew install golang-migrate';
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch];
  if (process.platform !== 'linux' || architecture === undefined) {
    return `(from https://go.dev/dl) install Go ${GO_WANTED} or newer`;
  }
  const sudo = process.getuid() === 0 ? '' : 'sudo ';
  return `curl -fsSL https://go.dev/dl/go${GO_OFFERED}.linux-${architecture}.tar.gz | ${sudo}tar -xz -C /usr/local`;
}

async function findGo() {
  for (const folder of [...pathFolders(), ...GO_FOLDERS]) {
    const path = join(folder, 'go');
    if (!existsSync(path)) continue;
    const version = versionIn(await answer(path, ['version']));
    if (version !== null && isAtLeast(version, GO_WANTED)) return { path, version };
  }
  return null;
}

async function build(cacheFolder, step) {
  const go = await findGo();
  if (go === null) return false;
  step.begins(`golang-migrate: building v${VERSION} with Go ${go.version}`);
  const bin = join(cacheFolder, 'bin');
  mkdirSync(bin, { recursive: true });
  // Debian's Go fetches no toolchain unless it is told to.
  const { GOTOOLCHAIN = 'auto' } = process.env;
  const result = await work(go.path, ['install', '-tags', 'postgres', PACKAGE], {
    env: { ...process.env, GOTOOLCHAIN, GOBIN: bin, CGO_ENABLED: '0' },
  });
  if (!result.ok || !(await worksWithPostgres(join(bin, 'migrate')))) {
    step.notes(`the build failed: ${result.lines.at(-1) ?? 'no reason given'}`);
    return false;
  }
  step.ends(`golang-migrate: v${VERSION} built in ${result.seconds} s`);
  return true;
}

async function download(cacheFolder, step) {
  const archive = ARCHIVES[`${process.platform}-${process.arch}`];
  if (archive === undefined) return false;
  step.begins(`golang-migrate: downloading ${archive.name} v${VERSION}`);
  const bin = join(cacheFolder, 'bin');
  mkdirSync(bin, { recursive: true });
  const folder = mkdtempSync(join(cacheFolder, 'download-'));
  try {
    const response = await fetch(`${RELEASES}/${archive.name}`, {
      signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`github.com answered ${response.status}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (createHash('sha256').update(bytes).digest('hex') !== archive.sha256) {
      throw new Error('its sha256 is not the pinned one, so it was thrown away');
    }
    writeFileSync(join(folder, archive.name), bytes);
    if (
      (await answer('tar', ['-xzf', join(folder, archive.name), '-C', folder, 'migrate'])) === null
    ) {
      throw new Error('tar could not unpack it');
    }
    renameSync(join(folder, 'migrate'), join(bin, 'migrate'));
  } catch (error) {
    step.notes(`the download failed: ${error.message}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  step.ends(`golang-migrate: v${VERSION} downloaded`);
  return worksWithPostgres(join(bin, 'migrate'));
}

/** A `migrate` built without the driver is common, and would fail only in the middle of a rollback. */
async function worksWithPostgres(path) {
  if (!existsSync(path)) return false;
  const help = await answer(path, ['-help']);
  return (
    help !== null &&
    /Source drivers:.*\bfile\b/.test(help) &&
    /Database drivers:.*\bpostgres\b/.test(help)
  );
}
