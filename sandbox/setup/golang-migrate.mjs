import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { pathFolders } from './programs.mjs';
import { answer, isAtLeast, versionIn, work } from './run.mjs';

const VERSION = '4.20.1';
const GO_WANTED = '1.25';
const DOWNLOAD_TIMEOUT_MS = 120_000;
const RELEASES = `https://github.com/golang-migrate/migrate/releases/download/v${VERSION}`;

/** sha256 of the release archives we would trust; a platform that is not here uses the built-in runner. */
const ARCHIVES = {
  'linux-x64': {
    name: 'migrate.linux-amd64.tar.gz',
    sha256: 'b1e13121d4178b7804a9fb29dca62d57b732390f7e5ae33f2cd65e9b192e1bd4',
  },
};

/** golang-migrate with its PostgreSQL driver: from PATH, built before, built now, downloaded, or `null`. */
export async function provideGolangMigrate(cacheFolder, step) {
  const cached = join(cacheFolder, 'bin', 'migrate');
  for (const path of [...pathFolders().map((folder) => join(folder, 'migrate')), cached]) {
    if (!(await worksWithPostgres(path))) continue;
    step.found('golang-migrate');
    return path;
  }

  if ((await build(cacheFolder, step)) || (await download(cacheFolder, step))) {
    step.found('golang-migrate');
    return cached;
  }
  step.found('no golang-migrate');
  step.notes(
    `golang-migrate could not be had (it needs Go ${GO_WANTED} or a download from github.com): ` +
      'the built-in runner is used instead, with the same files and the same table',
  );
  return null;
}

async function build(cacheFolder, step) {
  const go = versionIn(await answer('go', ['version']));
  if (go === null || !isAtLeast(go, GO_WANTED)) return false;
  step.begins(`golang-migrate: building v${VERSION} with Go ${go}`);
  const bin = join(cacheFolder, 'bin');
  mkdirSync(bin, { recursive: true });
  const result = await work(
    'go',
    [
      'install',
      '-tags',
      'postgres',
      `github.com/golang-migrate/migrate/v4/cmd/migrate@v${VERSION}`,
    ],
    { env: { ...process.env, GOBIN: bin, CGO_ENABLED: '0' } },
  );
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
