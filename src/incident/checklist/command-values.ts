/** The incident's own values in the checklist's commands; what is not known is not there. */
import { clientUrl, optionsOf } from '../facts/address.ts';
import type { Address } from '../facts/address.ts';
import type { CommandTemplate } from './commands.ts';
import { COMMANDS } from './commands.ts';
import { forceOf, newestRow } from '../reports/dirty.ts';
import type { KnownItem } from '../facts/evidence.ts';
import type { Facts } from '../facts/facts.ts';
import { downScript, forceScript } from './guarded-scripts.ts';
import type { Incident } from '../incident.ts';
import { latestResult } from '../incident.ts';
import { serviceValues } from './service-values.ts';
import { shellLine, shellWord } from './shell.ts';
import type { Target } from '../target.ts';

/** Ready to paste. */
export interface ReadyCommand {
  readonly language: 'bash' | 'sql';
  /** One after the other. Each is whole: it may have several lines, and none of them alone. */
  readonly commands: readonly string[];
  /** What it is, where an item has several, or when it is to be run. */
  readonly when?: string;
  readonly differs?: string;
}

/** What a place in a template stands for; a list is a command for each of its entries. */
export type Values = Readonly<Record<string, string | readonly string[] | undefined>>;

export function commandsFor(
  item: KnownItem,
  incident: Incident,
  target: Target,
): readonly ReadyCommand[] {
  const facts = latestResult(incident, 'assess')?.facts;
  const values = { ...fromTarget(incident, target), ...fromFacts(incident, target, facts) };
  return COMMANDS.filter((one) => one.item === item && fits(one, facts)).flatMap((one) =>
    ready(one, values),
  );
}

/** Opens the `psql` into which the SQL is pasted; null as long as nobody knows how the database is reached. */
export function psqlFor(incident: Incident): string | null {
  const address = shownAddress(latestResult(incident, 'assess')?.facts);
  return address === undefined ? null : `psql -X -d ${shellWord(clientUrl(address))}`;
}

/** Why there is no command that goes to the database; null when there is, or when it was not looked at yet. */
export function whyNoConnection(incident: Incident): string | null {
  const facts = latestResult(incident, 'assess')?.facts;
  if (facts === undefined || shownAddress(facts) !== undefined) return null;
  const { address } = facts.identity;
  return address === undefined
    ? 'How this database is reached was not noted when it was read, so no command that goes to it is shown. `/rollback plan again` notes it.'
    : `The database URL also sets ${address.leftOut.join(', ')}. What it is set to may be secret and is not kept, and without it a command could do something else: none that goes to the database is shown.`;
}

function shownAddress(facts: Facts | undefined): Address | undefined {
  const address = facts?.identity.address;
  return address === undefined || address.leftOut.length > 0 ? undefined : address;
}

function fits(template: CommandTemplate, facts: Facts | undefined): boolean {
  const { serverFrom = 0, serverBelow = Number.MAX_SAFE_INTEGER } = template;
  const isForAll = template.serverFrom === undefined && template.serverBelow === undefined;
  const server = facts?.identity.serverVersionNum;
  return isForAll || (server !== undefined && server >= serverFrom && server < serverBelow);
}

function ready(template: CommandTemplate, values: Values): readonly ReadyCommand[] {
  const commands = filled(template.text, values);
  const [differs] = filled(template.differs ?? '', values) ?? [];
  const [when] = filled(template.when ?? '', values) ?? [];
  if (commands === null || differs === undefined || when === undefined) return [];
  return [
    {
      language: template.language,
      commands,
      ...(when === '' ? {} : { when }),
      ...(differs === '' ? {} : { differs }),
    },
  ];
}

const PLACE = /(?<!\$)\{([a-zA-Z]+)\}/g;
const LIST = /^\{([a-zA-Z]+)\}$/;

/** Null when a value is missing. `${PGPORT:-5432}` is the shell's own and stays. */
function filled(text: string, values: Values): readonly string[] | null {
  const all = values[LIST.exec(text)?.[1] ?? ''];
  if (typeof all === 'object') return all.length === 0 ? null : all;
  const names = [...text.matchAll(PLACE)].map(([, name = '']) => name);
  if (names.some((name) => typeof values[name] !== 'string')) return null;
  return [text.replaceAll(PLACE, (_whole, name: string) => String(values[name]))];
}

function fromTarget(incident: Incident, target: Target): Values {
  const { maintenance, validation } = target;
  return {
    incident: incident.id,
    validation: validation === undefined ? undefined : shellWord(validation),
    maintenanceOn: maintenance && shellLine(maintenance.on),
    maintenanceOff: maintenance && shellLine(maintenance.off),
    ...serviceValues(incident, target.services),
  };
}

function fromFacts(incident: Incident, target: Target, facts: Facts | undefined): Values {
  if (facts === undefined) return {};
  const plan = incident.plan?.plan;
  return {
    versionTable: facts.versionTable,
    from: plan?.from,
    to: plan === undefined ? undefined : (plan.to ?? 'before the first migration'),
    previewCommands: plan?.files.flatMap(({ file, sha256 }) =>
      sha256 === null ? [] : [`cat ${shellWord(`${target.migrations.path}/${file}`)}`],
    ),
    ...restoreValues(incident),
    ...throughConnection(incident, target, facts),
  };
}

/** What goes to the database, as long as it is known how. */
function throughConnection(incident: Incident, target: Target, facts: Facts): Values {
  const address = shownAddress(facts);
  if (address === undefined) return {};
  const { systemIdentifier } = facts.identity;
  const { versionTable } = facts;
  const plan = incident.plan?.plan;
  const [row, force] = [newestRow(incident), forceOf(incident)];
  const connection = shellWord(clientUrl(address));
  const place = {
    address,
    versionTable,
    systemIdentifier,
    pgOptions: pgOptionsFor(target, { facts, address }),
  };
  return {
    connection,
    exportCommands: exportedTables(incident).map(({ table, file, columns }) => {
      const copy = `\\copy (select ${columns.join(', ')} from ${table}) to '${file}' with (format csv, header)`;
      return `psql -X -d ${connection} -c ${shellWord(copy)}`;
    }),
    downScript: plan && downScript(plan, { ...place, path: target.migrations.path }),
    forceScript: force === null || row === null ? undefined : forceScript(force, { ...place, row }),
  };
}

function pgOptionsFor(
  { policy }: Target,
  { facts, address }: { readonly facts: Facts; readonly address: Address },
): string {
  return optionsOf({
    ...address.settings,
    lock_timeout: policy.lockTimeoutMs,
    statement_timeout: policy.statementTimeoutMs,
    // PostgreSQL 13 refuses a connection that sets what it does not know.
    ...(facts.identity.serverVersionNum >= 140000 ? { client_connection_check_interval: 500 } : {}),
  });
}

interface ExportedTable {
  readonly table: string;
  readonly file: string;
  /** Quoted where they have to be. */
  readonly columns: readonly string[];
}

function exportedTables(incident: Incident): readonly ExportedTable[] {
  const taken = latestResult(incident, 'back-up')?.backup.exports ?? [];
  return taken.flatMap((one) => {
    const source = incident.exports.find((named) => named.name === one.name)?.source;
    // Backups from before the server's own name was kept have only what somebody typed.
    const table = one.table ?? (source?.kind === 'table' ? source.table : undefined);
    return table === undefined ? [] : [{ table, file: one.file, columns: one.columns.map(quoted) }];
  });
}

function restoreValues(incident: Incident): Values {
  return {
    restoreCommands: exportedTables(incident).map(({ table, file, columns }, at) =>
      [
        `-- for ${table}; everything is text here, cast it on the way back`,
        `create temp table staging_${at + 1} (${columns.map((one) => `${one} text`).join(', ')});`,
        `\\copy staging_${at + 1} from '${file}' with (format csv, header match)`,
      ].join('\n'),
    ),
  };
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
