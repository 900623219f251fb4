/** The incident's own values in the checklist's commands; what is not known is not there. */
import type { CommandTemplate } from './checklist-commands.ts';
import { COMMANDS } from './checklist-commands.ts';
import { forceOf } from './dirty.ts';
import type { KnownItem } from './evidence.ts';
import type { Facts } from './facts.ts';
import type { Incident } from './incident.ts';
import { latestResult } from './incident.ts';
import type { CommandLine, Service, Target } from './target.ts';

/** One command, ready to paste. */
export interface ReadyCommand {
  readonly language: 'bash' | 'sql';
  readonly text: string;
  readonly differs?: string;
}

type Values = Readonly<Record<string, string>>;

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

function fits(template: CommandTemplate, facts: Facts | undefined): boolean {
  const { serverFrom = 0, serverBelow = Number.MAX_SAFE_INTEGER } = template;
  const isForAll = template.serverFrom === undefined && template.serverBelow === undefined;
  const server = facts?.identity.serverVersionNum;
  return isForAll || (server !== undefined && server >= serverFrom && server < serverBelow);
}

function ready(template: CommandTemplate, values: Values): readonly ReadyCommand[] {
  const text = filled(template.text, values);
  const differs = filled(template.differs ?? '', values);
  if (text === null || differs === null) return [];
  return [{ language: template.language, text, ...(differs === '' ? {} : { differs }) }];
}

/** Null when a value is missing. `${PGPORT:-5432}` is the shell's own and stays. */
function filled(text: string, values: Values): string | null {
  const names = [...text.matchAll(PLACE)].map(([, name = '']) => name);
  if (names.some((name) => values[name] === undefined)) return null;
  return text.replaceAll(PLACE, (whole, name: string) => values[name] ?? whole);
}
const PLACE = /(?<!\$)\{([a-zA-Z]+)\}/g;

/** A word that a shell reads as itself. */
export function shellWord(word: string): string {
  if (/^[A-Za-z0-9_./:@%+=,-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** `$NAME` is filled in by the shell as the door fills it in from the environment. */
function shellLine(line: CommandLine): string {
  return line
    .map((word) => (/^\$[A-Za-z_][A-Za-z0-9_]*$/.test(word) ? `"${word}"` : shellWord(word)))
    .join(' ');
}

function lines(
  services: readonly Service[],
  of: (service: Service) => CommandLine | undefined,
): string | undefined {
  const found = services.flatMap((one) => {
    const line = of(one);
    return line === undefined ? [] : [shellLine(line)];
  });
  return found.length === 0 ? undefined : found.join('\n');
}

function fromTarget(incident: Incident, target: Target): Values {
  const { services, maintenance, validation } = target;
  return known({
    incident: incident.id,
    path: shellWord(target.migrations.path),
    validation: validation === undefined ? undefined : shellWord(validation),
    maintenanceOn: maintenance === undefined ? undefined : shellLine(maintenance.on),
    stopCommands: lines(services, (one) => one.commands.stop),
    previousCommands: lines(services, (one) => one.commands.previous),
    healthCommands: lines(services, (one) =>
      one.health === undefined ? undefined : ['curl', '-fsS', '--max-time', '10', one.health],
    ),
    smokeCommands: lines(services, (one) => one.smoke),
  });
}

function fromFacts(incident: Incident, target: Target, facts: Facts | undefined): Values {
  if (facts === undefined) return {};
  const plan = incident.plan?.plan;
  const files = plan?.files.map((one) => shellWord(one.file)).join(' ');
  const { lockTimeoutMs, statementTimeoutMs } = target.policy;
  // PostgreSQL 13 refuses a connection that sets what it does not know.
  const checks =
    facts.identity.serverVersionNum >= 140000 ? ' -c client_connection_check_interval=500' : '';
  return known({
    database: shellWord(facts.identity.database),
    versionTable: facts.versionTable,
    from: plan?.from,
    downFiles: files === '' ? undefined : files,
    downArguments:
      plan === undefined
        ? undefined
        : plan.to === null
          ? `down ${plan.files.length}`
          : `goto ${plan.to}`,
    pgOptions: `-c lock_timeout=${lockTimeoutMs} -c statement_timeout=${statementTimeoutMs}${checks}`,
    force: forceOf(incident) ?? undefined,
    ...exportsOf(incident, facts.identity.database),
  });
}

function exportsOf(
  incident: Incident,
  database: string,
): Readonly<Record<'exportCommands' | 'restoreCommands', string | undefined>> {
  const taken = latestResult(incident, 'back-up')?.backup.exports ?? [];
  const tables = taken.flatMap((one) => {
    const source = incident.exports.find((named) => named.name === one.name)?.source;
    return source?.kind === 'table'
      ? [{ table: source.table, file: one.file, columns: one.columns.map(quoted) }]
      : [];
  });
  if (tables.length === 0) return { exportCommands: undefined, restoreCommands: undefined };
  return {
    exportCommands: tables
      .map(({ table, file, columns }) => {
        const copy = `\\copy (select ${columns.join(', ')} from ${table}) to '${file}' with (format csv, header)`;
        return `psql -X -d ${shellWord(database)} -c ${shellWord(copy)}`;
      })
      .join('\n'),
    restoreCommands: tables
      .flatMap(({ table, file, columns }, at) => [
        `-- for ${table}; everything is text here, cast it on the way back`,
        `create temp table staging_${at + 1} (${columns.map((one) => `${one} text`).join(', ')});`,
        `\\copy staging_${at + 1} from '${file}' with (format csv, header match)`,
      ])
      .join('\n'),
  };
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function known(values: Readonly<Record<string, string | undefined>>): Values {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
