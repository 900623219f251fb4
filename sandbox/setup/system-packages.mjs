import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { answer, isAtLeast, quoted, say, SetupProblem, work } from './run.mjs';

const NOT_STARTING = '/usr/sbin/policy-rc.d';
const CLUSTERS = '/etc/postgresql-common/createcluster.conf';
const KEPT = '.before-backout';

const NEEDS = {
  postgres: {
    say: 'PostgreSQL 14 or newer',
    debian: ['postgresql'],
    brew: ['postgresql@17'],
    dnf: 'postgresql-server postgresql-contrib',
    apk: 'postgresql postgresql-client postgresql-contrib',
    pacman: 'postgresql',
  },
  redis: {
    say: 'Redis 6.2 or newer',
    debian: ['redis-server'],
    brew: ['redis'],
    dnf: 'redis',
    apk: 'redis',
    pacman: 'redis',
  },
  chromium: {
    say: 'Chromium',
    debian: ['chromium', 'fonts-liberation'],
    brew: [],
    dnf: 'chromium',
    apk: 'chromium',
    pacman: 'chromium',
  },
};

/**
 * Installs the missing programs where that can be done without asking, otherwise throws the one
 * command that the person has to run.
 */
export async function installMissing(missing, { root, node, step }) {
  const names = missing.map((name) => NEEDS[name].say).join(', ');
  const system = await recognise();
  if (!system.installs) {
    throw new SetupProblem(
      `Missing here: ${names}. Please run this once, then start again:\n\n  ${command(system, missing, root)}\n`,
    );
  }
  step.begins(`${names}: installing with ${system.name === 'homebrew' ? 'Homebrew' : 'apt'}`);
  const startedAt = Date.now();
  const packages = missing.filter((name) => name !== 'chromium' || system.hasChromium);
  if (system.name === 'homebrew') await installWithHomebrew(packages);
  else await installWithApt(packages);
  if (packages.length < missing.length) {
    await must(node, [
      playwright(root),
      'install',
      ...(system.name === 'homebrew' ? [] : ['--with-deps']),
      'chromium',
    ]);
  }
  step.ends(`${names}: installed in ${Math.round((Date.now() - startedAt) / 1000)} s`);
}

async function recognise() {
  if (process.platform === 'darwin') {
    const brew = await answer('brew', ['--version']);
    return { name: 'homebrew', installs: brew !== null, hasChromium: false };
  }
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const field = (name) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(release)?.[1] ?? '';
  const id = field('ID');
  const newEnough = (oldest) => isAtLeast(field('VERSION_ID') || '0', oldest);
  if ((id === 'debian' && newEnough('12')) || (id === 'ubuntu' && newEnough('24.04'))) {
    // Ubuntu's chromium package only points at a snap, which does not work in containers.
    return { name: id, installs: process.getuid() === 0, hasChromium: id === 'debian' };
  }
  const like = `${id} ${field('ID_LIKE')}`;
  const manager = [
    ['fedora', 'dnf'],
    ['rhel', 'dnf'],
    ['alpine', 'apk'],
    ['arch', 'pacman'],
  ].find(([name]) => like.includes(name));
  return { name: manager?.[1] ?? 'unknown', installs: false, hasChromium: true };
}

function command(system, missing, root) {
  const list = (key) =>
    missing
      .map((name) => NEEDS[name][key])
      .flat()
      .join(' ');
  const browser = missing.includes('chromium')
    ? ` && sudo npx --prefix '${root}' playwright-core install --with-deps chromium`
    : '';
  const sudo = typeof process.getuid === 'function' && process.getuid() === 0 ? '' : 'sudo ';
  switch (system.name) {
    case 'homebrew':
      return '/bin/bash -c "$(curl -fsSL https://raw.githubusercontent.com/Homebrew/install/HEAD/install.sh)"';
    case 'debian':
      return `sudo sh -c 'apt-get update && apt-get install -y ${list('debian')}'`;
    case 'ubuntu':
      return `sudo sh -c 'apt-get update && apt-get install -y ${list('debian').replace('chromium fonts-liberation', '').trim() || 'ca-certificates'}'${browser}`;
    case 'dnf':
      return `${sudo}dnf install -y ${list('dnf')}`;
    case 'apk':
      return `${sudo}apk add ${list('apk')}`;
    case 'pacman':
      return `${sudo}pacman -S --needed ${list('pacman')}`;
    default:
      return `(your system's package manager) install ${missing.map((name) => NEEDS[name].say).join(', ')}`;
  }
}

async function installWithHomebrew(missing) {
  const formulas = missing.flatMap((name) => NEEDS[name].brew);
  if (formulas.length > 0) await must('brew', ['install', ...formulas]);
}

/** Debian's packages start servers of their own: both switches that prevent it are put back, whatever happens. */
async function installWithApt(missing) {
  const packages = missing.flatMap((name) => NEEDS[name].debian);
  if (packages.length === 0) return;
  const stopped = () => {
    putBack();
    process.exit(1);
  };
  putBack();
  process.once('SIGINT', stopped);
  process.once('SIGTERM', stopped);
  try {
    replace(
      NOT_STARTING,
      '#!/bin/sh\n# Written by Backout while it installs packages: no server is started.\nexit 101\n',
    );
    chmodSync(NOT_STARTING, 0o755);
    await must('apt-get', ['update']);
    if (missing.includes('postgres')) {
      await apt(['postgresql-common']);
      const before = existsSync(CLUSTERS) ? readFileSync(CLUSTERS, 'utf8') : '';
      replace(
        CLUSTERS,
        `${before.replaceAll(/^\s*create_main_cluster/gm, '#$&')}\ncreate_main_cluster = false\n`,
      );
    }
    await apt(packages);
    if (missing.includes('redis') && existsSync('/run/systemd/system')) {
      await answer('systemctl', ['disable', 'redis-server']);
    }
  } finally {
    putBack();
    process.removeListener('SIGINT', stopped);
    process.removeListener('SIGTERM', stopped);
  }
}

function apt(packages) {
  return must('apt-get', [
    'install',
    '-y',
    '--no-install-recommends',
    '-o',
    'DPkg::Lock::Timeout=300',
    '-o',
    'Dpkg::Options::=--force-confold',
    ...packages,
  ]);
}

/** Beside the file lies what was there before (empty: nothing), so that a killed set-up is put right by the next one. */
function replace(file, text) {
  const kept = `${file}${KEPT}`;
  if (existsSync(file)) renameSync(file, kept);
  else writeFileSync(kept, '');
  writeFileSync(file, text);
}

function putBack() {
  for (const file of [NOT_STARTING, CLUSTERS]) {
    const kept = `${file}${KEPT}`;
    if (!existsSync(kept)) continue;
    if (readFileSync(kept, 'utf8') === '') {
      rmSync(file, { force: true });
      rmSync(kept);
    } else {
      renameSync(kept, file);
    }
  }
}

function playwright(root) {
  return join(root, 'node_modules', 'playwright-core', 'cli.js');
}

async function must(file, args) {
  const result = await work(file, args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.ok) return;
  say(quoted(result.lines));
  throw new SetupProblem(
    `\`${[file, ...args].join(' ')}\` failed. See the lines above, put that right, then start again.`,
  );
}
