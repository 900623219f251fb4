/**
 * The checklist's commands, for whoever has to go on by hand. Where the checklist is wrong, the right
 * command stands here and `differs` says why. `{name}` is filled in from the incident; a command whose
 * values are not all known yet is not shown.
 */
import type { KnownItem } from '../facts/evidence.ts';
import { ITEMS } from '../facts/evidence.ts';

export interface CommandTemplate {
  readonly item: KnownItem;
  readonly language: 'bash' | 'sql';
  /** One command; `{name}` alone may stand for a list of them. */
  readonly text: string;
  /** What it is, where an item has several, or when it is to be run. */
  readonly when?: string;
  readonly differs?: string;
  /** Only where the server is at least, or below, this version number (150000 is 15). */
  readonly serverFrom?: number;
  readonly serverBelow?: number;
}

/** Stands before the commands: nothing secret is ever part of them. */
export const BEFORE_COMMANDS =
  'For a shell where Backout’s worker runs, in the folder of backout.yaml. Paste one block at a time. No command holds the database password: it is read from `PGPASSWORD`, or from the file that `PGPASSFILE` names (mode 600, or it is ignored).';

const VERSION_ROW = 'select version, dirty from {versionTable};';
const WHY_NOT_VERSION =
  '`migrate version` creates the table when it is missing, waits without end for the lock, and exits 0 when dirty. Reading the row does none of that.';

export const COMMANDS: readonly CommandTemplate[] = [
  {
    item: ITEMS.backup,
    language: 'bash',
    text: [
      'pg_dump -Fd -j 4 --lock-wait-timeout=5s -d {connection} -f {incident}.partial \\',
      '  && pg_restore -f /dev/null {incident}.partial \\',
      '  && mv {incident}.partial {incident}-before-rollback',
    ].join('\n'),
    differs:
      'The checklist writes one .sql file: a failure leaves an empty one behind, and psql restores a truncated one without an error. This form is read back before it counts.',
  },
  {
    item: ITEMS.export,
    language: 'bash',
    text: '{exportCommands}',
    differs:
      'Columns are named: `select *` depends on their order, and a restore by position can swap two of them silently.',
  },
  {
    item: ITEMS.currentVersion,
    language: 'sql',
    text: VERSION_ROW,
    differs: WHY_NOT_VERSION,
  },
  { item: ITEMS.maintenance, language: 'bash', text: '{maintenanceOn}' },
  {
    item: ITEMS.workersStopped,
    language: 'bash',
    text: '{stopCommands}',
    differs: 'Note what runs now before you stop it: it has to come back the same.',
  },
  {
    item: ITEMS.scaledDown,
    language: 'sql',
    text: [
      'select application_name, state, count(*) from pg_stat_activity',
      'where datname = current_database() and pid <> pg_backend_pid() group by 1, 2;',
      'select gid, owner from pg_prepared_xacts where database = current_database();',
    ].join('\n'),
    differs:
      'Stopping is not proof. What counts is that no connection and no prepared transaction is left.',
  },
  {
    item: ITEMS.preview,
    language: 'bash',
    text: '{previewCommands}',
    differs:
      'golang-migrate has no `-dry-run`: it refuses the command, and without that option it runs. Reading the files is a preview, not a proof.',
  },
  {
    item: ITEMS.down,
    language: 'bash',
    when: 'from {from} (not dirty) to {to}, and nowhere else',
    text: '{downScript}',
    differs:
      'It reads server, version row and files first, and changes nothing when they are not as planned; a second time neither. `down 1` typed twice undoes two versions, and `goto` in the whole folder goes up from a lower version. `-lock-timeout` does not work; `PGOPTIONS` does.',
  },
  {
    item: ITEMS.verification,
    language: 'sql',
    text: VERSION_ROW,
    differs:
      'A version number proves little: with a missing or empty down file it moves and nothing else does. Compare the schema.',
  },
  {
    item: ITEMS.restoreData,
    language: 'sql',
    serverFrom: 150000,
    text: '{restoreCommands}',
    differs:
      '`ON CONFLICT DO NOTHING` restores nothing when a column was lost: every key is still there. Use `update … from staging` for columns, `insert` for rows; then set the sequences. Count before you commit.',
  },
  {
    item: ITEMS.validation,
    language: 'bash',
    text: 'psql -X -d {connection} -v ON_ERROR_STOP=1 -f {validation}',
    differs: 'Without ON_ERROR_STOP psql exits 0 even when a check fails or the file is missing.',
  },
  {
    item: ITEMS.leftovers,
    language: 'sql',
    text: [
      'select schemaname, relname, n_live_tup from pg_stat_user_tables',
      "where relname like '%\\_backup%' order by 1, 2;",
    ].join('\n'),
    differs:
      "The checklist counts tables, and its `_` matches any letter. Names say more than a number, and orphaned rows are another matter: they are found by a foreign key's own check.",
  },
  {
    item: ITEMS.constraints,
    language: 'sql',
    text: [
      'select conrelid::regclass, conname from pg_constraint where not convalidated;',
      'select indexrelid::regclass from pg_index where not indisvalid or not indisready;',
      "select tgrelid::regclass, tgname from pg_trigger where tgenabled = 'D' and not tgisinternal;",
    ].join('\n'),
    differs:
      'Invalid indexes and disabled triggers are looked for too. What was so before is no news.',
  },
  {
    item: ITEMS.previousVersion,
    language: 'bash',
    when: 'first, while nothing runs: the caches',
    text: '{cacheCommands}',
  },
  {
    item: ITEMS.previousVersion,
    language: 'bash',
    when: 'after the rollback, once: the version before',
    text: '{previousCommands}',
    differs:
      'Once: told again, the command for the version before may go one further back.{aboutPrevious} Leave out what did not run before.',
  },
  {
    item: ITEMS.previousVersion,
    language: 'bash',
    when: 'when nothing was rolled back: the version that is there',
    text: '{startCommands}',
    differs:
      'After a rollback, too, where the version before was put in place in another way. Leave out what did not run before.',
  },
  { item: ITEMS.health, language: 'bash', text: '{healthCommands}' },
  { item: ITEMS.smoke, language: 'bash', text: '{smokeCommands}' },
  {
    item: ITEMS.errorLogs,
    language: 'bash',
    when: 'last of all: maintenance off',
    text: '{maintenanceOff}',
  },
  {
    item: ITEMS.slowQueries,
    language: 'sql',
    serverFrom: 130000,
    text: [
      'select query, calls, mean_exec_time from pg_stat_statements',
      'where mean_exec_time > 1000 order by mean_exec_time desc limit 10;',
    ].join('\n'),
    differs:
      '`mean_time` is called `mean_exec_time` since PostgreSQL 13. The numbers are since the last reset, not since the rollback.',
  },
  {
    item: ITEMS.slowQueries,
    language: 'sql',
    serverBelow: 130000,
    text: [
      'select query, calls, mean_time from pg_stat_statements',
      'where mean_time > 1000 order by mean_time desc limit 10;',
    ].join('\n'),
    differs: 'The numbers are since the last reset, not since the rollback.',
  },
  {
    item: ITEMS.indexes,
    language: 'sql',
    text: [
      'select schemaname, relname, indexrelname, idx_scan',
      'from pg_stat_user_indexes order by idx_scan;',
    ].join('\n'),
    differs:
      'The columns are `relname` and `indexrelname`; the checklist has names that do not exist. 0 right after a rebuild or a reset is normal.',
  },
  {
    item: ITEMS.dirtyState,
    language: 'sql',
    text: VERSION_ROW,
    differs:
      'The table is found as the tool finds it: another schema or name would be another table.',
  },
  {
    item: ITEMS.manualRecovery,
    language: 'bash',
    text: '{forceScript}',
    differs:
      'Not the version that the row shows: after a failed down the row names the version it was going to. `force` accepts any number and checks nothing, so two people look first. This runs only while the row is as it was read.',
  },
];
