import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, type Session } from '../../src/target/connect.ts';
import { openTarget } from '../../src/target/target.ts';
import { freshDatabase, type FreshDatabase } from '../support/postgres.ts';

let database: FreshDatabase;
let holder: Session;
let target: ReturnType<typeof openTarget>;
beforeEach(async () => {
  database = await freshDatabase();
  holder = await connect(database.url, { applicationName: 'report-tool', readOnly: false });
  await holder.execute(`create table people (id int primary key, email text);
    insert into people select n, 'x' from generate_series(1, 5000) as n;
    analyze people;
    create view mails as select email from people`);
  await holder.execute('begin; lock table people, mails in access exclusive mode');
  target = openTarget({ url: database.url });
});
afterEach(async () => {
  await target.close();
  await holder.end();
  await database.drop();
});

test('a table that is locked is measured by what the planner knows', async () => {
  const [people] = (await target.sizes()).tables;

  expect(people).toMatchObject({ table: 'public.people', rowsEstimate: 5_000 });
  expect(people?.sizeBytes).toBeGreaterThan(100_000);
});

test('who keeps everybody else out is named, with how to end it', async () => {
  const refused = await target.fingerprint().then(
    () => 'read',
    (error: unknown) => String(error),
  );

  expect(refused).toContain('report-tool (postgres), process');
  expect(refused).toContain('has locked public.mails and public.people');
  expect(refused).toContain(`select pg_terminate_backend(${holder.pid});`);
});
