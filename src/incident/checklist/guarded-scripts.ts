/**
 * The commands that change the database, as one script each. They look first whether server, version row and files
 * are as planned, and change nothing otherwise: somebody else may have been faster, or the shell another one.
 */
import type { Address } from '../facts/address.ts';
import { migrateUrl, plainUrl } from '../facts/address.ts';
import type { VersionRow } from '../facts/facts.ts';
import type { Version } from '../names.ts';
import type { Plan } from '../plan/plan.ts';
import { sha256 } from '../plan/plan.ts';
import { shellWord } from './shell.ts';

interface Place {
  readonly address: Address;
  readonly systemIdentifier: string;
  /** Quoted schema and table. */
  readonly versionTable: string;
  /** The value of PGOPTIONS. */
  readonly pgOptions: string;
}

/** The tool has to find every version that it passes; one without a down file is there by an up file that cannot run. */
const NEVER_UP = `echo ${shellWord("do $$ begin raise exception 'This never goes up'; end $$;")}`;

const PRIVATE_FOLDER = ['copy=$(mktemp -d)', `trap 'rm -rf "$copy"' EXIT`];

/**
 * Runs the plan's files and no others, out of a folder that holds nothing else: what the tool does not find it can
 * neither go up to nor undo.
 */
export function downScript(plan: Plan, place: Place & { readonly path: string }): string {
  const down = plan.files.flatMap(({ file, sha256: digest }) =>
    digest === null ? [] : [{ file, digest: digest.slice('sha256:'.length) }],
  );
  const withoutDown = plan.files.flatMap((one) => (one.sha256 === null ? [one.version] : []));
  const kept = [...withoutDown, ...(plan.to === null ? [] : [plan.to])];
  const digest = sha256(down.map((one) => `${one.digest}\n`).join('')).slice('sha256:'.length);
  return guarded(place, {
    row: { state: 'at', version: plan.from, dirty: false },
    lines: [
      ...PRIVATE_FOLDER,
      ...(down.length === 0
        ? []
        : [
            `cd ${shellWord(place.path)}`,
            `set -- ${down.map((one) => shellWord(one.file)).join(' ')}`,
            'cp "$@" "$copy"',
            'cd "$copy"',
            `[ "$(sha256sum "$@" | cut -c1-64 | sha256sum | cut -c1-64)" = ${digest} ] ||`,
            "  { echo 'Nothing was run: these are not the files of the plan.' >&2; exit 1; }",
          ]),
      ...kept.map(neverUp),
      migrate(place, plan.to === null ? `down ${plan.files.length}` : `goto ${plan.to}`),
    ],
  });
}

/** `row` is the one from which it was judged which version is right. */
export function forceScript(force: string, place: Place & { readonly row: VersionRow }): string {
  return guarded(place, {
    row: place.row,
    // Without the dashes -1 would be taken for an option.
    lines: [...PRIVATE_FOLDER, neverUp('1'), migrate(place, `force -- ${force}`)],
  });
}

function neverUp(version: Version): string {
  return `${NEVER_UP} > "$copy"/${version}_never_up.up.sql`;
}

function migrate({ address }: Place, command: string): string {
  return `migrate -path "$copy" -database ${shellWord(migrateUrl(address))} ${command}`;
}

function guarded(
  { address, systemIdentifier, versionTable, pgOptions }: Place,
  { row, lines }: { readonly row: VersionRow; readonly lines: readonly string[] },
): string {
  const query = `select (select system_identifier from pg_control_system()), version, dirty from ${versionTable}`;
  const version = row.state === 'at' ? row.version : '-1';
  const wanted = `${systemIdentifier}|${version}|${row.dirty === true ? 't' : 'f'}`;
  const all = [
    'set -eu',
    // They would lead elsewhere, and golang-migrate's driver ends with a panic when one of them is set.
    'unset PGSERVICE PGSERVICEFILE PGHOSTADDR',
    `export PGOPTIONS=${shellWord(pgOptions)}`,
    `wanted=${shellWord(wanted)}`,
    `found=$(psql -XAtqw -d ${shellWord(plainUrl(address))} -c ${shellWord(query)})`,
    '[ "$found" = "$wanted" ] ||',
    '  { echo "Nothing was run: server|version|dirty is $found, not $wanted." >&2; exit 1; }',
    ...lines,
  ];
  return ['(', ...all.map((line) => `  ${line}`), ')'].join('\n');
}
