/** What is known beside a question that only a person can answer. */
import { contactsSaid } from './contacts.ts';
import { rowOf } from '../reports/dirty.ts';
import type { KnownItem } from '../facts/evidence.ts';
import { ITEMS } from '../facts/evidence.ts';
import type { Facts, MigrationFile } from '../facts/facts.ts';
import type { Incident } from '../incident.ts';
import { latestResult } from '../incident.ts';
import type { Version } from '../names.ts';
import { sayNoChannel } from '../phrases.ts';
import { courseOf } from '../plan/prospect.ts';
import type { Service, Target } from '../target.ts';
import { asIs, counted, listedUpTo, saySize } from '../text.ts';

const NAMES_MAX = 6;

/** With `{person:…}` and `{time:…}` only where they are ours. */
export function factsBeside(
  item: KnownItem,
  incident: Incident,
  target: Target,
): readonly string[] {
  switch (item) {
    case ITEMS.notify:
      return [sayNoChannel(incident)].filter((one) => one !== '');
    case ITEMS.contacts:
      return contactsSaid(incident, target);
    default:
      return readBeside(item, incident, target).map(asIs);
  }
}

function readBeside(item: KnownItem, incident: Incident, target: Target): readonly string[] {
  const facts = latestResult(incident, 'assess')?.facts;
  switch (item) {
    case ITEMS.impact:
      return services(target);
    case ITEMS.fixForward:
    case ITEMS.dataModified:
      return facts === undefined ? [] : undone(incident, facts, 'up');
    case ITEMS.dataLost:
      return facts === undefined ? [] : undone(incident, facts, 'down');
    case ITEMS.dependentData:
      return facts === undefined ? [] : [biggest(facts)];
    case ITEMS.exportNeeded:
      return [exportsNamed(incident)];
    case ITEMS.preview:
      return previewed(incident);
    case ITEMS.caches:
      return [caches(target)];
    case ITEMS.endpoints:
      return endpoints(target);
    case ITEMS.scheduledJobs:
      return facts === undefined ? [] : others(facts, target);
    case ITEMS.restoreData:
      return backedUp(incident);
    case ITEMS.manualRecovery:
      return recovery(incident);
    default:
      return [];
  }
}

function services(target: Target): readonly string[] {
  const names = target.services.map((one) => one.name);
  if (names.length === 0) return ['No service is configured for this database.'];
  return [`Uses this database: ${listedUpTo(names, NAMES_MAX)}.`];
}

function undone(incident: Incident, facts: Facts, direction: 'up' | 'down'): readonly string[] {
  const course = courseOf(incident, facts);
  if (course.state === 'blocked') return [];
  const files = course.undone.flatMap((version) => fileOf(facts, version, direction));
  const names = listedUpTo(files, NAMES_MAX);
  if (files.length === 0) return [];
  return direction === 'up'
    ? [`To be undone: ${names}.`]
    : [`Will run: ${names}. What they would lose is not measured: read them.`];
}

function fileOf(facts: Facts, version: Version, direction: 'up' | 'down'): readonly string[] {
  const migration: MigrationFile | undefined = facts.folder.migrations.find(
    (one) => one.version === version,
  );
  const file = migration?.[direction]?.file;
  return file === undefined ? [] : [`\`${file}\``];
}

/** Every file of the plan, since the evidence is of the newest one alone. */
function previewed({ plan }: Incident): readonly string[] {
  if (plan === undefined) return [];
  const { files, nothingToUndo } = plan.plan;
  const run = files.filter(({ version }) => !nothingToUndo.includes(version));
  const names = listedUpTo(
    run.map(({ file }) => `\`${file}\``),
    NAMES_MAX,
  );
  return run.length === 0 ? [] : [`The plan runs ${counted(run.length, 'down file')}: ${names}.`];
}

function biggest(facts: Facts): string {
  const tables = facts.tables
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, 3)
    .map((one) => `\`${one.table}\` ${saySize(one.sizeBytes)}`);
  const count = counted(facts.tables.length, 'table');
  return tables.length === 0
    ? 'There are no tables.'
    : `${count}, ${saySize(facts.sizeBytes)}. The largest: ${tables.join(', ')}.`;
}

function exportsNamed(incident: Incident): string {
  const names = incident.exports.map((one) => one.name);
  return names.length === 0
    ? 'Nobody has named anything. The backup holds every table all the same.'
    : `Named so far: ${listedUpTo(names, NAMES_MAX)}.`;
}

function caches(target: Target): string {
  const names = target.services.filter((one) => one.caches.length > 0).map((one) => one.name);
  return names.length === 0
    ? 'No cache command is configured.'
    : `Emptied by command when it comes back: ${listedUpTo(names, NAMES_MAX)}.`;
}

function endpoints(target: Target): readonly string[] {
  const own = target.services.filter((one) => one.endpoints.length > 0);
  if (own.length === 0) return ['No endpoint is configured.'];
  return own.map((one) => `${one.name}: ${listedUpTo(one.endpoints, NAMES_MAX)}.`);
}

/** Whoever is connected and belongs to no configured service may be the job that nobody thinks of. */
function others(facts: Facts, target: Target): readonly string[] {
  const { connections, preparedTransactions } = facts.activity;
  const prepared =
    preparedTransactions.state === 'known' && preparedTransactions.value.length > 0
      ? [`${counted(preparedTransactions.value.length, 'prepared transaction')} held open.`]
      : [];
  if (connections.state === 'unknown') {
    return [`Who is connected is unknown: ${connections.why}`, ...prepared];
  }
  const strangers = connections.value.filter(
    (one) =>
      !one.applicationName.startsWith('backout') &&
      !target.services.some((service) => isOf(service, one.applicationName)),
  );
  const names = [...new Set(strangers.map((one) => one.applicationName || `user ${one.user}`))];
  return [
    names.length === 0
      ? 'Nobody but the configured services was connected when it was read.'
      : `Connected and not configured: ${listedUpTo(names, NAMES_MAX)}.`,
    ...prepared,
  ];
}

function isOf(service: Service, applicationName: string): boolean {
  return service.applicationNames.includes(applicationName);
}

function backedUp(incident: Incident): readonly string[] {
  const backup = latestResult(incident, 'back-up')?.backup;
  if (backup === undefined) return ['There is no backup.'];
  const taken = backup.exports.map((one) => `${one.file} (${counted(one.rows, 'row')})`);
  return [
    `Backup: \`${backup.folder}\`, ${saySize(backup.sizeBytes)}.`,
    ...(taken.length === 0 ? [] : [`Exports: ${listedUpTo(taken, NAMES_MAX)}.`]),
  ];
}

function recovery(incident: Incident): readonly string[] {
  const row = rowOf(incident);
  return row === null ? [] : [row.says, ...(row.next === '' ? [] : [row.next]), ...row.meanings];
}
