import { existsSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { answer, isAtLeast, quoted, say, SetupProblem, versionIn, work } from './run.mjs';

const NODE_WANTED = '24';
const ERROR_LINES_MAX = 12;

/** Installs what package-lock.json names, unless node_modules has exactly that already. */
export async function providePackages(root, step) {
  const lock = readPackages(join(root, 'package-lock.json'));
  if (lock === null) {
    throw new SetupProblem(
      'package-lock.json is missing here. Run this in a complete clone of the repository.',
    );
  }
  const folder = join(root, 'node_modules');
  if (isLinkToNowhere(folder)) {
    throw new SetupProblem(
      `node_modules is a link that leads nowhere. Please run this once, then start again:\n\n  rm '${folder}'\n`,
    );
  }
  const names = Object.keys(lock).filter((name) => name !== '');
  if (fits(names, lock, installedPackages(root))) {
    step.found(`${names.length} npm packages`);
    return;
  }

  step.begins(`npm packages: installing ${names.length} with npm ci`);
  const result = await npm(root);
  if (!result.ok) {
    say(
      quoted(result.lines.filter((line) => line.startsWith('npm error')).slice(0, ERROR_LINES_MAX)),
    );
    throw new SetupProblem(
      'npm could not install the packages. See the lines above, put that right, then start again.',
    );
  }
  if (!fits(names, lock, installedPackages(root))) {
    throw new SetupProblem(
      'What npm installed is not what package-lock.json says. Run `npm install`, then start again.',
    );
  }
  step.ends(`npm packages: installed in ${result.seconds} s`);
  step.found(`${names.length} npm packages`);
}

function npm(root) {
  let fetched = 0;
  const progress = {
    count: (line) => (fetched += line.includes('fetch GET 200') ? 1 : 0),
    text: () => (fetched === 0 ? 'npm is working' : `${fetched} fetched`),
  };
  // Installing removes node_modules, and with it perhaps the Node that runs this file: npm's own Node stays.
  const script = process.env.npm_execpath;
  const [file, first] =
    script === undefined
      ? ['npm', []]
      : [process.env.npm_node_execpath ?? process.execPath, [script]];
  const switches = [
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=http',
  ];
  return work(file, [...first, 'ci', ...switches], { cwd: root, progress });
}

function installedPackages(root) {
  return readPackages(join(root, 'node_modules', '.package-lock.json'));
}

/** Finds the Node that will run the project: what npm puts first in PATH, or the one this runs on. */
export async function findNode(root, step) {
  const link = join(root, 'node_modules', '.bin', 'node');
  const packaged = versionIn(await answer(link, ['--version']));
  if (packaged !== null && isAtLeast(packaged, NODE_WANTED)) {
    step.found(`Node ${packaged} (npm package)`);
    return link;
  }
  if (isAtLeast(process.versions.node, NODE_WANTED)) {
    // Left in place, a Node that does not start here (another libc, say) would hide the one that does.
    rmSync(link, { force: true });
    step.found(`Node ${process.versions.node}`);
    return process.execPath;
  }
  throw new SetupProblem(
    `Node 24 is needed: this is ${process.versions.node}, and the npm package that brings 24 could not be installed. ` +
      'Install Node 24 from https://nodejs.org and run this again.',
  );
}

/** An optional package may be missing (another platform); everything else must be there in the locked version. */
function fits(names, lock, installed) {
  if (installed === null) return false;
  return names.every((name) => {
    const present = installed[name];
    if (present === undefined) return lock[name].optional === true;
    return present.version === lock[name].version && present.integrity === lock[name].integrity;
  });
}

/** Also a link that leads in a circle. */
function isLinkToNowhere(path) {
  const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  return isThere && !existsSync(path);
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}
