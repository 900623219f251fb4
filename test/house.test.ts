import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import { jobs } from '../jobs/index.ts';
import { REFUSALS } from '../src/incident/refusal.ts';
import {
  codeLinesOf,
  importsOf,
  readsEnvironment,
  sourcesIn,
  startsPrograms,
  testNamesIn,
} from './support/sources.ts';

const product = sourcesIn('src/**/*.ts', 'commands/**/*.ts', 'jobs/**/*.ts');
const everything = sourcesIn('{src,commands,jobs,sandbox,deploy,test}/**/*.{ts,mjs}');
const tests = sourcesIn('test/**/*.test.ts');

/**
 * Who may import whom. Rooms are folders; a file at the top of `src` is a room of its own. What a room does not
 * list it may not know, and inside itself it may know everything.
 */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  // The domain: no I/O, no clock.
  'src/incident': [],
  'src/sql': [],
  'src/doors': ['src/incident'],
  // A verb is heard by its own definition.
  'src/define-command': ['src/incident', 'src/hearing'],
  'src/define-job': ['src/incident', 'src/doors'],
  'src/hearing': ['src/incident', 'src/define-command'],
  commands: ['src/incident', 'src/define-command'],
  jobs: ['src/incident', 'src/define-job', 'src/doors', 'src/sql'],

  'src/log': ['src/programs/mask'],
  'src/deadline': [],
  'src/store': ['src/incident', 'src/define-job', 'src/deadline', 'src/doors', 'src/handle'],
  'src/asking': ['src/incident', 'src/define-command', 'src/handle', 'src/log', 'src/store'],
  'src/handle': ['src/incident', 'src/define-command', 'src/asking', 'src/log', 'src/store'],
  'src/work': [
    'src/incident',
    'src/define-job',
    'src/deadline',
    'src/doors',
    'src/log',
    'src/store',
  ],
  'src/queue': ['src/incident', 'src/deadline', 'src/log'],

  // Adapters.
  'src/http': ['src/doors'],
  'src/programs': ['src/incident', 'src/doors', 'src/sql'],
  'src/target': [
    'src/incident',
    'src/doors',
    'src/sql',
    'src/programs/mask',
    'src/programs/database-url',
    'src/programs/failure',
    'src/migrations/version-table',
  ],
  'src/migrations': [
    'src/incident',
    'src/doors',
    'src/sql',
    'src/programs/run',
    'src/programs/database-url',
    'src/programs/lines',
    'src/programs/pg-environment',
    'src/target/connect',
  ],
  'src/services': [
    'src/incident',
    'src/doors',
    'src/http',
    'src/programs/run',
    'src/programs/mask',
  ],
  'src/paging': ['src/incident', 'src/doors', 'src/http', 'src/programs/mask'],
  'src/web': ['src/deadline', 'src/http'],
  'src/slack': [
    'src/incident',
    'src/define-command',
    'src/doors',
    'src/handle',
    'src/http',
    'src/log',
    'src/store',
  ],

  'src/config-environment': ['src/programs/database-url'],
  'src/config-file': [],
  'src/config-target': ['src/incident', 'src/config-file'],
  'src/config-problems': [
    'src/config-file',
    'src/doors',
    'src/programs/database-url',
    'src/services/arguments',
  ],
  'src/config': [
    'src/incident',
    'src/config-environment',
    'src/config-file',
    'src/config-problems',
    'src/config-target',
    'src/programs/database-url',
  ],
};

/** Where everything is put together: these may know every room. */
const BUILDERS = [
  'src/main',
  'src/backout',
  'src/bot',
  'src/worker',
  'src/routes',
  'src/open-doors',
  'src/cli',
  'src/terminal',
];

/** One library, one place. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  '@slack/bolt': ['src/slack'],
  '@slack/socket-mode': ['src/slack'],
  '@slack/types': ['src/slack'],
  '@slack/web-api': ['src/slack'],
  bullmq: ['src/queue'],
  execa: ['src/programs/run'],
  ioredis: ['src/queue'],
  'libpg-query': ['src/sql'],
  pg: ['src/store', 'src/target'],
  'pg-copy-streams': ['src/target'],
  pino: ['src/log'],
  yaml: ['src/config'],
  zod: ['src', 'commands', 'jobs'],
};

/** Of Node itself: what has no clock, no files and no network may be used by the domain and by those who decide. */
const NODE: Readonly<Record<string, readonly string[]>> = {
  'src/incident': ['node:crypto'],
  'src/sql': ['node:module'],
  commands: [],
  jobs: ['node:timers/promises'],
};

function isIn(file: string, place: string): boolean {
  const bare = file.replace(/\.ts$/, '');
  return bare === place || bare.startsWith(`${place}/`);
}

function roomOf(file: string): string {
  const [first = '', second = ''] = file.replace(/\.ts$/, '').split('/');
  return first === 'src' ? `${first}/${second}` : first;
}

describe('who knows whom', () => {
  test('imports go one way', () => {
    expect(product.flatMap(importsOf).length).toBeGreaterThan(300);
    const wrong = product.flatMap((source) => {
      const room = roomOf(source.file);
      if (BUILDERS.includes(room)) return [];
      const allowed = ROOMS[room];
      if (allowed === undefined) return [`${source.file} is in no room that this test knows`];
      return importsOf(source)
        .filter((one) => /^(?:src|commands|jobs)\//.test(one))
        .filter((one) => ![room, ...allowed].some((place) => isIn(one, place)))
        .map((one) => `${source.file} imports ${one}`);
    });
    expect(wrong).toEqual([]);
  });

  test('each library has one place', () => {
    const wrong = product.flatMap((source) =>
      importsOf(source)
        .filter((one) => !/^(?:node:|src\/|commands\/|jobs\/)/.test(one))
        .filter((one) => !(LIBRARIES[one] ?? []).some((place) => isIn(source.file, place)))
        .map((one) => `${source.file} imports ${one}`),
    );
    expect(wrong).toEqual([]);
  });

  test('the domain and those who decide have no clock, no files and no network', () => {
    const wrong = product.flatMap((source) => {
      const allowed = NODE[roomOf(source.file)];
      if (allowed === undefined) return [];
      return importsOf(source)
        .filter((one) => one.startsWith('node:') && !allowed.includes(one))
        .map((one) => `${source.file} imports ${one}`);
    });
    const clocks = product
      .filter(({ file }) => isIn(file, 'src/incident') || isIn(file, 'commands'))
      .filter(({ text }) => /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bfetch\(/.test(text))
      .map(({ file }) => `${file} asks the world`);
    expect([...wrong, ...clocks]).toEqual([]);
  });

  test('nobody else reads the environment of the process', () => {
    const readers = product.filter(readsEnvironment);
    expect(readers.map(({ file }) => file)).toEqual(['src/config.ts', 'src/programs/run.ts']);
  });

  test('programs and threads are started in one place', () => {
    const starts = product.filter(startsPrograms).map(({ file }) => file);
    expect(starts).toEqual([]);
  });

  test('nothing in the product knows the sandbox', () => {
    const knows = product.filter(({ text }) => /sandbox/i.test(text));
    expect(knows.map(({ file }) => file)).toEqual([]);
  });
});

describe('what there is', () => {
  test('every file in commands/ is a verb of the same name, and listed', () => {
    const files = sourcesIn('commands/*.ts').map(({ file }) => path.basename(file, '.ts'));
    const verbs = commands.map((one) => one.verb);
    expect(verbs.toSorted()).toEqual(files.filter((one) => one !== 'index'));
  });

  test('every file in jobs/ is a job of the same name, and listed', () => {
    const files = sourcesIn('jobs/*.ts').map(({ file }) => path.basename(file, '.ts'));
    const names = jobs.map((one) => one.name);
    expect(names.toSorted()).toEqual(files.filter((one) => one !== 'index'));
  });

  test('every refusal is reached by a test', () => {
    const others = tests.filter(({ file }) => file !== 'test/house.test.ts');
    const reached = others.map(({ text }) => text).join('\n');
    const unreached = Object.keys(REFUSALS).filter((code) => !reached.includes(`'${code}'`));
    expect(unreached).toEqual([]);
  });

  test('every migration of the store can be taken back', () => {
    const names = sourcesIn('src/store/sql/*').map(({ file }) => path.basename(file));
    const ups = names.filter((one) => one.endsWith('.up.sql'));
    const pairs = ups.flatMap((up) => [up.replace('.up.sql', '.down.sql'), up]);
    expect(names).toEqual(pairs);
    for (const [index, up] of ups.entries()) {
      expect(up).toMatch(new RegExp(`^${String(index + 1).padStart(4, '0')}_[a-z_]+\\.up\\.sql$`));
    }
  });
});

describe('how it is written', () => {
  const CODE_LINES_MAX = 260;

  test('files are short enough to be read in one go', () => {
    const long = everything.filter((source) => codeLinesOf(source) > CODE_LINES_MAX);
    expect(long.map((source) => `${source.file}: ${codeLinesOf(source)}`)).toEqual([]);
  });

  test('files are called after what is in them', () => {
    const names = everything.map(({ file }) => path.basename(file));
    const wrong = names.filter(
      (name) =>
        !/^[a-z0-9-]+(?:\.test)?\.(?:ts|mjs)$/.test(name) ||
        /^(?:utils?|helpers?|common|misc|types)\./.test(name),
    );
    expect(wrong).toEqual([]);
  });

  test('a test says what is so, and never that it is expected to be', () => {
    const names = tests.flatMap(testNamesIn);
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => /\bshould\b/i.test(name))).toEqual([]);
  });

  test('no two tests of a file have the same name', () => {
    const twice = tests.flatMap((source) => {
      const names = testNamesIn(source);
      return names
        .filter((name, index) => names.indexOf(name) !== index)
        .map((name) => `${source.file}: ${name}`);
    });
    expect(twice).toEqual([]);
  });

  test('no test is left out or left alone', () => {
    const marked = tests.filter(({ text }) =>
      /\b(?:test|it|describe)\.(?:only|todo|skip)\b/.test(text),
    );
    expect(marked.map(({ file }) => file)).toEqual([]);
  });
});
