/**
 * Brings what the demo needs: npm packages, Node 24, PostgreSQL, Redis and, where it can be had, golang-migrate.
 * With --tests also a browser, and nothing may be missing. Runs on Node 20 too, because it is what brings Node 24.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { provideGolangMigrate } from './golang-migrate.mjs';
import { findNode, providePackages } from './npm-packages.mjs';
import { findChromium, findPostgres, findRedis } from './programs.mjs';
import { say, SetupProblem } from './run.mjs';
import { installMissing } from './system-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const cacheFolder = join(root, '.backout');
const isForTests = process.argv.includes('--tests');
const stepsCount = isForTests ? 6 : 5;
const startedAt = Date.now();

try {
  await setUp();
  // A download that was given up may still hold a connection open: nothing more is waited for.
  process.exit(0);
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error;
  say(`\n${error.message}`);
  process.exit(1);
}

async function setUp() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupProblem(
      `Node 20 or newer is needed to start; this is ${process.versions.node}. Install Node 24 from https://nodejs.org.`,
    );
  }
  mkdirSync(cacheFolder, { recursive: true });
  const found = [];
  const step = (number) => steps(number, found);

  await providePackages(root, step(1));
  const node = await findNode(root, step(2));
  const programs = await providePrograms(node, step);
  const migrate = await provideGolangMigrate(cacheFolder, step(5), { isNeeded: isForTests });
  if (isForTests) step(6).found(`Chromium ${programs.chromium.version}`);

  write({
    node,
    postgres: programs.postgres.path,
    redisServer: programs.redis.path,
    migrate,
    chromium: programs.chromium?.path ?? null,
  });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  say(`Set up in ${seconds} s: ${found.join(', ')}.`);
}

async function providePrograms(node, step) {
  const look = async () => {
    const [postgres, redis, chromium] = await Promise.all([
      findPostgres(),
      findRedis(),
      isForTests ? findChromium(root, node) : null,
    ]);
    return { postgres, redis, ...(isForTests ? { chromium } : {}) };
  };
  const missingIn = (programs) => Object.keys(programs).filter((name) => programs[name] === null);

  let programs = await look();
  if (missingIn(programs).length > 0) {
    await installMissing(missingIn(programs), { root, node, step: step(3) });
    programs = await look();
  }
  const missing = missingIn(programs);
  if (missing.length > 0) {
    throw new SetupProblem(
      `Installed, but not found afterwards: ${missing.join(', ')}. Put its folder into PATH and start again.`,
    );
  }
  step(3).found(`PostgreSQL ${programs.postgres.version}`);
  step(4).found(`Redis ${programs.redis.version}`);
  return programs;
}

/** What takes no time is named once at the end; what takes time says that it begins and that it ended. */
function steps(number, found) {
  const label = `[${number}/${stepsCount}]`;
  return {
    found: (text) => found.push(text),
    begins: (text) => say(`${label} ${text} …`),
    notes: (text) => say(`      ${text}`),
    ends: (text) => say(`${label} ${text}`),
  };
}

/** Written beside and renamed: a reader never sees half a file. */
function write(programs) {
  const file = join(cacheFolder, 'programs.json');
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(programs, null, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}
