/** What has to be true after a rollback, found out in the world itself and not asked of Backout. */
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import { z } from 'zod';

import { isAlive } from '../servers/folders.ts';
import { GOOD_VERSION } from '../world/database.ts';
import { UNAFFECTED_TABLES } from '../world/rows.ts';
import type { World } from '../world/world.ts';
import { descendants } from './processes.ts';
import { ITEMS, SECTIONS, type Item, type Section } from './sections.ts';
import { awaitValue } from './waiting.ts';

const SETTLED_TIMEOUT_MS = 30_000;
const GONE_TIMEOUT_MS = 10_000;
const SUCCEEDING = 0.99;

export interface Finding {
  readonly ok: boolean;
  readonly says: string;
}

/** Of each table that the rollback has no business with: how many rows, and a checksum over all of them. */
export type Census = Readonly<Record<string, string>>;

export async function takeCensus({ database }: World): Promise<Census> {
  return inTarget(database.ownerUrl, async (client) => {
    const sums: [string, string][] = [];
    for (const table of UNAFFECTED_TABLES) {
      const { rows } = await client.query(
        `select count(*)::int as rows, md5(string_agg(md5(one::text), '' order by md5(one::text))) as sum
         from ${escapeIdentifier(table)} as one`,
      );
      const [{ rows: count, sum }] = Sums.parse(rows);
      sums.push([table, `${count} rows, ${sum}`]);
    }
    return Object.fromEntries(sums);
  });
}

const Sums = z.tuple([z.object({ rows: z.number(), sum: z.string() })]);

export async function findOutcome(given: {
  readonly world: World;
  readonly before: Census;
  readonly sections: readonly Section[];
  readonly items: readonly Item[];
}): Promise<readonly Finding[]> {
  const { world, before, sections, items } = given;
  return [
    ofChecklist(sections, items),
    await ofVersion(world),
    ...(await ofServices(world)),
    await ofTraffic(world),
    ofRows(before, await takeCensus(world)),
    await ofConnections(world),
  ];
}

/** As each item stands there, not as a section says of itself. */
function ofChecklist(sections: readonly Section[], items: readonly Item[]): Finding {
  if (sections.length !== SECTIONS || items.length !== ITEMS) {
    return {
      ok: false,
      says: `The checklist shows ${sections.length} sections with ${items.length} items, not ${SECTIONS} with ${ITEMS}.`,
    };
  }
  const undone = sections.filter(({ state }) => state !== 'done').map(({ number }) => `${number}`);
  const open = items.filter(({ mark }) => mark === '☐' || mark === '✗').map(({ id }) => id);
  if (undone.length + open.length > 0) {
    return {
      ok: false,
      says: `The checklist is not done: ${[...new Set([...open, ...undone])].join(', ')}.`,
    };
  }
  const count = (state: RegExp): number => items.filter((one) => state.test(one.state)).length;
  const previews = items.filter((one) => one.state === 'a preview').map(({ id }) => id);
  const parts = [
    `${count(/^proven$/)} proven`,
    `${count(/^answered/)} answered by people`,
    `${count(/^does not apply$/)} do not apply`,
    `a preview and not proven: ${previews.join(', ') || 'none'}`,
  ];
  return {
    ok: true,
    says: `All twelve sections of the checklist are done, ${ITEMS} items: ${parts.join(', ')}.`,
  };
}

async function ofVersion({ database }: World): Promise<Finding> {
  const { version, dirty } = await database.version();
  return {
    ok: version === GOOD_VERSION && !dirty,
    says: `The database is at version ${version}${dirty ? ', DIRTY' : ', not dirty'}.`,
  };
}

async function ofServices(world: World): Promise<readonly Finding[]> {
  const names = ['auth-service', 'gateway-service'] as const;
  return Promise.all(
    names.map(async (name) => {
      const { status, reason } = await world.healthOf(name);
      const { release } = world.control.stateOf(name);
      const why = reason === null ? '' : `: ${reason}`;
      return {
        ok: status === 'healthy' && release === GOOD_VERSION,
        says: `${name} is ${status} in release ${release}${why}.`,
      };
    }),
  );
}

async function ofTraffic({ traffic }: World): Promise<Finding> {
  const rate = (): number => traffic.now().successRate ?? 0;
  await awaitValue({
    what: 'Traffic that succeeds',
    timeoutMs: SETTLED_TIMEOUT_MS,
    look: () => rate() > SUCCEEDING,
  }).catch(() => undefined);
  const percent = Math.floor(rate() * 100);
  return { ok: rate() > SUCCEEDING, says: `${percent} of 100 requests of live traffic succeed.` };
}

function ofRows(before: Census, after: Census): Finding {
  const changed = Object.keys(before).filter((table) => before[table] !== after[table]);
  return changed.length === 0
    ? { ok: true, says: `Not a row has changed in ${Object.keys(before).join(', ')}.` }
    : { ok: false, says: `Rows have changed in ${changed.join(', ')}.` };
}

async function ofConnections({ database }: World): Promise<Finding> {
  const left = await inTarget(database.ownerUrl, async (client) => {
    const names = async (): Promise<readonly string[]> => {
      const { rows } = await client.query(
        `select application_name as name from pg_stat_activity
         where datname = current_database() and application_name like 'backout%'`,
      );
      return z
        .array(z.object({ name: z.string() }))
        .parse(rows)
        .map(({ name }) => name);
    };
    await awaitValue({
      what: 'The end of Backout’s connections',
      timeoutMs: GONE_TIMEOUT_MS,
      look: async () => (await names()).length === 0,
    }).catch(() => undefined);
    return names();
  });
  return left.length === 0
    ? { ok: true, says: 'Backout has left no connection in the database.' }
    : { ok: false, says: `Backout is still connected to the database: ${left.join(', ')}.` };
}

/** After everything was ended: which of the processes that were there are there still, and which folders. */
export function findRemains(given: {
  readonly troubles: readonly string[];
  readonly processes: readonly number[];
}): Finding {
  const processes = new Set([...given.processes, ...descendants()].filter(isAlive));
  const folders = [...new Set([tmpdir(), '/tmp'])].flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => name.startsWith('backout-') && name.includes(`-${process.pid}-`))
      .map((name) => join(parent, name)),
  );
  const remains = [...given.troubles, ...[...processes].map((pid) => `process ${pid}`), ...folders];
  return remains.length === 0
    ? { ok: true, says: 'Nothing is left running, and no folder is left behind.' }
    : { ok: false, says: `Left behind: ${remains.join('; ')}.` };
}

async function inTarget<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url, application_name: 'demo' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
