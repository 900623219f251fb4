import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { answer, isAtLeast, versionIn } from './run.mjs';

const POSTGRES_WANTED = '14';
const REDIS_WANTED = '6.2';
const POSTGRES_PROGRAMS = ['postgres', 'initdb', 'pg_dump', 'pg_restore', 'psql'];

/** The folder with PostgreSQL's server and client programs, from PATH or where packages put them, newest first. */
export async function findPostgres() {
  const folders = [...pathFolders(), ...postgresFolders()];
  for (const folder of folders) {
    if (!POSTGRES_PROGRAMS.every((program) => existsSync(join(folder, program)))) continue;
    const versions = await Promise.all(
      POSTGRES_PROGRAMS.map(async (program) =>
        versionIn(await answer(join(folder, program), ['--version'])),
      ),
    );
    if (versions.every((version) => version !== null && isAtLeast(version, POSTGRES_WANTED))) {
      return { path: folder, version: versions[0] };
    }
  }
  return null;
}

export async function findRedis() {
  for (const folder of [
    ...pathFolders(),
    '/opt/homebrew/bin',
    '/usr/local/bin',
    '/usr/bin',
    '/usr/sbin',
  ]) {
    const path = join(folder, 'redis-server');
    if (!existsSync(path)) continue;
    const version = versionIn(await answer(path, ['--version']));
    if (version !== null && isAtLeast(version, REDIS_WANTED)) return { path, version };
  }
  return null;
}

/** A Chromium that starts: the system's, Chrome, or the one that playwright-core keeps. */
export async function findChromium(root, node) {
  const named = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  const places = [
    ...pathFolders().flatMap((folder) => named.map((name) => join(folder, name))),
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ...(await playwrightPlaces(root, node)),
  ];
  for (const path of places) {
    if (!existsSync(path)) continue;
    const version = versionIn(await answer(path, ['--version']));
    if (version !== null) return { path, version };
  }
  return null;
}

export function pathFolders() {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

function postgresFolders() {
  const debian = versionsIn('/usr/lib/postgresql', /^\d+$/).map((name) =>
    join('/usr/lib/postgresql', name, 'bin'),
  );
  const redHat = versionsIn('/usr', /^pgsql-\d+$/).map((name) => join('/usr', name, 'bin'));
  const homebrew = ['/opt/homebrew/opt', '/usr/local/opt'].flatMap((folder) =>
    versionsIn(folder, /^postgresql(@\d+)?$/).map((name) => join(folder, name, 'bin')),
  );
  return [
    ...debian,
    ...redHat,
    ...homebrew,
    '/Applications/Postgres.app/Contents/Versions/latest/bin',
  ];
}

function versionsIn(folder, pattern) {
  if (!existsSync(folder)) return [];
  const number = (name) => Number(/\d+/.exec(name)?.[0] ?? 0);
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .sort((left, right) => number(right) - number(left));
}

async function playwrightPlaces(root, node) {
  const program = "console.log(require('playwright-core').chromium.executablePath())";
  const path = await answer(node, ['--input-type=commonjs', '--eval', program], { cwd: root });
  return path === null ? [] : [path];
}
