/** The migrations of the stories: a small shop whose newest migration breaks the code that was there before. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Files = Readonly<Record<string, string>>;

/** What the team wants back; 4 is the harmful one. */
export const GOOD = '3';
export const HARMFUL_DOWN = '0004_require_channel_and_rename_email.down.sql';

export const MIGRATIONS: Files = {
  '0001_create_people.up.sql': `create table people (
  id bigint generated always as identity primary key,
  email text not null unique,
  name text not null
);
`,
  '0001_create_people.down.sql': 'drop table people;\n',
  '0002_create_orders.up.sql': `create table orders (
  id bigint generated always as identity primary key,
  person bigint not null references people (id),
  total numeric(12, 2) not null check (total >= 0),
  channel text,
  placed_at timestamptz not null default now()
);
`,
  '0002_create_orders.down.sql': 'drop table orders;\n',
  '0003_sum_up_orders.up.sql': `create index orders_of_person on orders (person, placed_at);
create view order_sums as
select person, count(*) as orders, sum(total) as total from orders group by person;
`,
  '0003_sum_up_orders.down.sql': 'drop view order_sums;\ndrop index orders_of_person;\n',
  '0004_require_channel_and_rename_email.up.sql': `alter table people rename column email to contact;
update orders set channel = 'web' where channel is null;
alter table orders alter column channel set not null;
`,
  [HARMFUL_DOWN]: `alter table orders alter column channel drop not null;
alter table people rename column contact to email;
`,
};

export const SOME_ROWS = `insert into people (email, name)
select 'person' || n || '@example.com', 'Person ' || n from generate_series(1, 200) as n;
insert into orders (person, total, channel)
select 1 + n % 200, n, case when n % 3 = 0 then null else 'shop' end from generate_series(1, 600) as n;
`;

export interface MigrationsFolder extends AsyncDisposable {
  readonly path: string;
  /** What a file had at first. */
  readonly text: (name: string) => string;
  /** Null takes the file away. */
  readonly change: (files: Readonly<Record<string, string | null>>) => Promise<void>;
}

/** On disk, as a checkout of the team's repository has them. */
export async function migrationsFolder(
  over: Readonly<Record<string, string | null>> = {},
): Promise<MigrationsFolder> {
  const path = await mkdtemp(join(tmpdir(), 'backout-migrations-'));
  const change: MigrationsFolder['change'] = async (files) => {
    await Promise.all(
      Object.entries(files).map(([name, text]) =>
        text === null ? rm(join(path, name), { force: true }) : writeFile(join(path, name), text),
      ),
    );
  };
  await change({ ...MIGRATIONS, ...over });
  return {
    path,
    change,
    text: (name) => MIGRATIONS[name] ?? '',
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
