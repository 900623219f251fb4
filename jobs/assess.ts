/** Reads everything about the target that the decision needs. Changes nothing. */
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import type { JobContext } from '../src/define-job.ts';
import type { Doors } from '../src/doors.ts';
import type { Evidence } from '../src/incident/facts/evidence.ts';
import { ITEMS } from '../src/incident/facts/evidence.ts';
import type { Activity, Facts, Folder, VersionRow } from '../src/incident/facts/facts.ts';
import { compareVersions } from '../src/incident/names.ts';
import type { Sha256 } from '../src/incident/names.ts';
import { foreignTransactions, sayTransaction } from '../src/incident/facts/open-transactions.ts';
import { canonicalJson, sha256 } from '../src/incident/plan/plan.ts';
import { versionsNear } from '../src/incident/reports/seen-near.ts';
import type { Service, Target } from '../src/incident/target.ts';
import { counted } from '../src/incident/text.ts';

/** About 300 bytes each. That there are more is kept too: what is not known is not taken for the beginning. */
const MIGRATIONS_MAX = 2_000;
const PREVIEWS_MAX = 10;
const TABLES_MAX = 25;

const PROBLEMS_NAMED_MAX = 5;

type Hands = Pick<Doors, 'target' | 'migrations' | 'backups' | 'validation'>;

export const assess = defineJob({
  name: 'assess',
  again: 'safe',
  timeoutMs: 5 * 60_000,
  input: z.object({}),
  doors: ['target', 'migrations', 'backups', 'validation'],

  async run(_input, doors, context) {
    const facts = await readFacts(doors, context);
    return {
      outcome: 'succeeded',
      says: sayFound(facts),
      result: { job: 'assess', facts },
      evidence: evidenceOf(facts, context.target),
    };
  },
});

async function readFacts(doors: Hands, context: JobContext): Promise<Facts> {
  const { target, migrations, backups } = doors;
  const tell = (done: number, what: string): void =>
    context.progress({ done, total: 4, unit: 'steps', what });

  tell(0, 'asking the server who it is');
  const identity = await target.identity();
  const [version, versionTable, folder] = await Promise.all([
    target.version(),
    target.versionTable(),
    migrations.readFolder(),
  ]);
  tell(1, 'reading sizes and connections');
  const [sizes, activity, baseline] = await Promise.all([
    target.sizes(),
    target.activity(),
    target.baseline(),
  ]);
  tell(2, 'reading the schema');
  const fingerprint = await target.fingerprint();
  await context.fingerprints.keep(fingerprint);
  tell(3, 'looking at the programs');
  const [clients, migrate, backupSpaceBytes, validation] = await Promise.all([
    backups.clients(),
    migrations.toolVersion(),
    backups.freeBytes(),
    doors.validation.file(),
  ]);
  return {
    readAt: context.now().toISOString(),
    identity,
    versionTable,
    version,
    folder: keptOf(folder, version),
    clients: { ...clients, migrate },
    sizeBytes: sizes.databaseBytes,
    tables: sizes.tables.slice(0, TABLES_MAX),
    activity,
    baseline,
    fingerprint: {
      hash: fingerprint.hash,
      objects: fingerprint.lines.length,
      seen: await seenNear({ folder, version, hash: fingerprint.hash }, context),
    },
    backupSpaceBytes,
    validation,
  };
}

/** What this target's history knows of the versions that a dirty row can mean. */
async function seenNear(
  { folder, version, hash }: Pick<Facts, 'folder' | 'version'> & { readonly hash: Sha256 },
  { fingerprints }: JobContext,
): Promise<NonNullable<Facts['fingerprint']['seen']>> {
  const near = await Promise.all(
    versionsNear({ folder, version }).map(async (one) => ({
      version: one,
      hashes: await fingerprints.seenFor(one),
    })),
  );
  return near
    .filter(({ hashes }) => hashes.length > 0)
    .map((one) => ({ version: one.version, isSame: one.hashes.includes(hash) }));
}

/** All that are applied and those above; with the SQL of the newest applied only. */
function keptOf(folder: Folder, row: VersionRow): Folder {
  const isApplied = (version: string): boolean =>
    row.state === 'at' && compareVersions(version, row.version) <= 0;
  const allApplied = folder.migrations.filter((one) => isApplied(one.version));
  const applied = allApplied.slice(-MIGRATIONS_MAX);
  const above = folder.migrations.filter((one) => !isApplied(one.version)).slice(0, MIGRATIONS_MAX);
  const below = allApplied.at(-MIGRATIONS_MAX - 1)?.version;
  const shown = new Set(applied.slice(-PREVIEWS_MAX).map((one) => one.version));
  const migrations = [...applied, ...above].map((one) =>
    one.down === undefined || shown.has(one.version)
      ? one
      : { ...one, down: { ...one.down, sql: '' } },
  );
  return { ...folder, migrations, ...(below === undefined ? {} : { below }) };
}

function sayFound(facts: Facts): string {
  const { identity, version, folder } = facts;
  const at =
    version.state === 'none'
      ? 'no migration is applied'
      : `version ${version.version}${version.dirty ? ' (dirty)' : ''}`;
  const named = folder.problems.slice(0, PROBLEMS_NAMED_MAX).map((one) => ` ${one.say}`);
  const unnamed = folder.problems.length - named.length;
  const more = unnamed === 0 ? '' : ` And ${unnamed} more: \`npm run backout -- check\` names all.`;
  return `Database ${identity.database} on PostgreSQL ${identity.serverVersion}: ${at}.${named.join('')}${more}`;
}

function evidenceOf(facts: Facts, target: Target): readonly Evidence[] {
  return [
    ...versionEvidence(facts),
    servicesEvidence(facts.activity, target),
    previewEvidence(facts),
    dirtyEvidence(facts),
  ];
}

function versionEvidence(facts: Facts): readonly Evidence[] {
  const { version, folder, versionTable } = facts;
  const digest = sha256(canonicalJson(version));
  if (version.state === 'none') {
    const says = `${versionTable} holds no version.`;
    return [
      { item: ITEMS.causingVersion, verdict: 'found', says, digest },
      { item: ITEMS.currentVersion, verdict: 'proven', says, digest },
    ];
  }
  const name = folder.migrations.find((one) => one.version === version.version)?.name;
  const called = name === undefined ? '' : ` (${name})`;
  return [
    {
      item: ITEMS.causingVersion,
      verdict: 'proven',
      says: `The newest applied migration is ${version.version}${called}.`,
      digest,
    },
    {
      item: ITEMS.currentVersion,
      verdict: 'proven',
      says: `${versionTable} says ${version.version}${version.dirty ? ', dirty' : ', not dirty'}.`,
      digest,
    },
  ];
}

function servicesEvidence(activity: Activity, target: Target): Evidence {
  const item = ITEMS.services;
  const { connections } = activity;
  const configured = target.services.map((one) => one.name).join(', ') || 'none';
  if (connections.state === 'unknown') {
    return {
      item,
      verdict: 'found',
      says: `Configured: ${configured}. Who is connected is unknown: ${connections.why}`.slice(
        0,
        600,
      ),
    };
  }
  const seen = target.services.map(
    (one) => `${one.name}: ${counted(countOf(one, connections.value), 'connection')}`,
  );
  const names = target.services.flatMap((one) => one.applicationNames);
  // Our own backup reads beside us.
  const others = connections.value.filter(
    ({ applicationName }) =>
      !names.includes(applicationName) && !applicationName.startsWith('backout/'),
  );
  const strangers = [
    ...new Set(others.map((one) => one.applicationName || `(no name, user ${one.user})`)),
  ];
  const also =
    strangers.length === 0 ? '' : ` Also connected: ${strangers.slice(0, 10).join(', ')}.`;
  const open = foreignTransactions(activity, target.services);
  const inTheWay =
    open.length === 0 ? '' : ` Not theirs: ${open.slice(0, 5).map(sayTransaction).join('; ')}.`;
  return {
    item,
    verdict: 'proven',
    says: `${seen.join('; ') || 'No service is configured'}.${inTheWay}${also}`.slice(0, 600),
    digest: sha256(canonicalJson(connections.value)),
  };
}

function countOf(
  service: Service,
  connections: Extract<Activity['connections'], { state: 'known' }>['value'],
): number {
  return connections
    .filter((one) => service.applicationNames.includes(one.applicationName))
    .reduce((sum, one) => sum + one.count, 0);
}

/** What would run, by reading the file; whether it works only running it can show. */
function previewEvidence(facts: Facts): Evidence {
  const item = ITEMS.preview;
  const { version, folder } = facts;
  if (version.state === 'none') {
    return {
      item,
      verdict: 'not-applicable',
      says: 'No migration is applied: there is nothing to preview.',
    };
  }
  const newest = folder.migrations.find((one) => one.version === version.version)?.down;
  if (newest === undefined) {
    return {
      item,
      verdict: 'refuted',
      says: `Version ${version.version} has no down file to preview.`,
    };
  }
  return {
    item,
    verdict: 'found',
    says: `${newest.file} has ${newest.statements} statement${newest.statements === 1 ? '' : 's'}. A preview, not a proof: it was read, not run.`,
    digest: newest.sha256,
  };
}

function dirtyEvidence(facts: Facts): Evidence {
  const item = ITEMS.dirtyState;
  const { version } = facts;
  const digest = sha256(canonicalJson(version));
  const isDirty = version.state === 'at' ? version.dirty : version.dirty === true;
  return isDirty
    ? {
        item,
        verdict: 'proven',
        says: 'The version row is dirty: an earlier migration did not end well.',
        digest,
      }
    : { item, verdict: 'proven', says: 'The version row is not dirty.', digest };
}
