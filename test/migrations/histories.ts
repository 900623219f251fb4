import fc from 'fast-check';
import type { Files } from './target.ts';

export interface Migration {
  readonly up: string;
  readonly down: string;
}

export interface History {
  readonly files: Files;
  readonly versions: readonly string[];
  /** Where to go down to. */
  readonly to: string | null;
  readonly nothingToUndo: readonly string[];
}

interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** What each kind of change does to the tables so far; `pick` chooses among them, `fresh` is a name not used before. */
type Change = (about: {
  readonly tables: readonly Table[];
  readonly pick: number;
  readonly fresh: string;
}) => { readonly migration: Migration; readonly tables: readonly Table[] } | null;

const TYPES = ['int', 'bigint', 'numeric(12,2)', 'text', 'varchar(40)'] as const;

/** Migrations that fit onto each other, each with a down file that undoes it. */
export const histories: fc.Arbitrary<History> = fc
  .record({
    choices: fc.array(fc.record({ kind: fc.nat(), pick: fc.nat(), gap: fc.nat(3) }), {
      minLength: 2,
      maxLength: 12,
    }),
    target: fc.nat(),
  })
  .map(({ choices, target }) => {
    let tables: readonly Table[] = [];
    let version = 0;
    const files: Record<string, string> = {};
    const versions: string[] = [];
    const nothingToUndo: string[] = [];
    for (const [index, { kind, pick, gap }] of choices.entries()) {
      const next = changes[kind % changes.length]?.({ tables, pick, fresh: `n${index}` });
      const { migration, tables: after } = next ?? {
        migration: { up: 'select 1', down: '-- nothing' },
        tables,
      };
      tables = after;
      version += 1 + gap;
      versions.push(String(version));
      if (migration.down.startsWith('--')) nothingToUndo.push(String(version));
      files[`${String(version).padStart(3, '0')}_m.up.sql`] = migration.up;
      files[`${String(version).padStart(3, '0')}_m.down.sql`] = migration.down;
    }
    return {
      files,
      versions,
      nothingToUndo,
      to: [null, ...versions.slice(0, -1)][target % versions.length] ?? null,
    };
  });

const changes: readonly Change[] = [
  ({ tables, fresh }) => {
    const table = { name: fresh, columns: [{ name: 'a', type: 'text' }] };
    return made([...tables, table], creates(table), `drop table ${fresh}`);
  },
  onTable((table) => ({ table: null, up: `drop table ${table.name}`, down: creates(table) })),
  onTable((table, { fresh }) => ({
    table: { ...table, name: fresh },
    up: `alter table ${table.name} rename to ${fresh}`,
    down: `alter table ${fresh} rename to ${table.name}`,
  })),
  onTable((table, { fresh, pick }) => {
    const type = TYPES[pick % TYPES.length] ?? 'text';
    return {
      table: { ...table, columns: [...table.columns, { name: fresh, type }] },
      up: `alter table ${table.name} add ${fresh} ${type}`,
      down: `alter table ${table.name} drop column ${fresh}`,
    };
  }),
  onColumn((table, column) => ({
    columns: table.columns.filter(({ name }) => name !== column.name),
    up: `alter table ${table.name} drop ${column.name}`,
    down: `alter table ${table.name} add ${column.name} ${column.type}`,
  })),
  onColumn((table, column, { fresh }) => ({
    columns: table.columns.map((same) =>
      same.name === column.name ? { ...same, name: fresh } : same,
    ),
    up: `alter table ${table.name} rename ${column.name} to ${fresh}`,
    down: `alter table ${table.name} rename ${fresh} to ${column.name}`,
  })),
  onColumn((table, column) => ({
    columns: table.columns.map((same) =>
      same.name === column.name ? { ...same, type: 'text' } : same,
    ),
    up: `alter table ${table.name} alter ${column.name} type text`,
    down: `alter table ${table.name} alter ${column.name} type ${column.type} using null`,
  })),
  onColumn((table, column) => ({
    columns: table.columns,
    up: `alter table ${table.name} alter ${column.name} set not null`,
    down: `alter table ${table.name} alter ${column.name} drop not null;\n-- done\n`,
  })),
  onColumn((table, column, { fresh, pick }) => ({
    columns: table.columns,
    up: `create index ${pick % 2 === 0 ? 'concurrently' : ''} i_${fresh} on ${table.name} (${column.name})`,
    down: `drop index ${pick % 3 === 0 ? 'concurrently' : ''} if exists i_${fresh}`,
  })),
  ({ tables, fresh }) =>
    made(
      tables,
      `create function f_${fresh}() returns text language sql as $$ select 'a; b' $$; create view v_${fresh} as select 1`,
      `drop view v_${fresh}; do $x$ begin execute 'drop function f_${fresh}()'; end; $x$`,
    ),
  ({ tables, fresh }) =>
    made(
      tables,
      `create type e_${fresh} as enum ('a')`,
      `alter type e_${fresh} add value 'b'; commit; alter type e_${fresh} rename value 'b' to 'c'; drop type e_${fresh}`,
    ),
];

function made(tables: readonly Table[], up: string, down: string): ReturnType<Change> {
  return { tables, migration: { up, down } };
}

function creates({ name, columns }: Table): string {
  return `create table ${name} (id int primary key${columns.map((column) => `, ${column.name} ${column.type}`).join('')})`;
}

function onTable(
  make: (
    table: Table,
    about: Parameters<Change>[0],
  ) => Migration & { readonly table: Table | null },
): Change {
  return (about) => {
    const table = about.tables[about.pick % Math.max(about.tables.length, 1)];
    if (table === undefined) return null;
    const { up, down, table: after } = make(table, about);
    const tables = about.tables.flatMap((same) => (same === table ? (after ?? []) : same));
    return made(tables, up, down);
  };
}

function onColumn(
  make: (
    table: Table,
    column: Table['columns'][number],
    about: Parameters<Change>[0],
  ) => Migration & Pick<Table, 'columns'>,
): Change {
  return onTable((table, about) => {
    const column = table.columns[about.pick % Math.max(table.columns.length, 1)];
    if (column === undefined) return { table, up: 'select 1', down: '-- nothing' };
    const { columns, ...migration } = make(table, column, about);
    return { ...migration, table: { ...table, columns } };
  });
}
