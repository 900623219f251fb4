import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../support/postgres.ts';
import { migratedTarget, request } from '../target.ts';
import { FILES, RUNNERS, plus, said } from './runners.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describe.each(RUNNERS)('%s', (_tool, open) => {
  test.each([
    ['is at another version', '10', '10', '1'],
    ['is already where it should go', '2', '11', '2'],
    ['is already lower', '1', '11', '10'],
    ['is before the first migration', null, '11', '10'],
  ] as const)('refuses when the database %s, and changes nothing', async (_, at, from, to) => {
    await using target = await migratedTarget(database, FILES);
    await target.session.execute('truncate schema_migrations');
    if (at !== null) {
      await target.session.execute(
        `insert into schema_migrations values (${at === '10' ? 2 : at}, false)`,
      );
    }
    const before = [await target.version(), await target.schema()];
    const door = open(target);
    const result = await door.down(await request(door, { from, to }));

    expect(result).toMatchObject({ state: 'refused' });
    expect(said(result)).toMatch(/The database is .*Nothing was run/);
    expect([await target.version(), await target.schema()]).toEqual(before);
  });

  test('refuses a dirty database', async () => {
    await using target = await migratedTarget(database, FILES);
    await target.session.execute('update schema_migrations set dirty = true');
    const door = open(target);
    const result = await door.down(await request(door, { from: '11', to: '10' }));

    expect(result).toMatchObject({ state: 'refused' });
    expect(said(result)).toContain('dirty');
    expect(await target.version()).toBe('11 dirty');
  });

  test.each([
    ['the same version', '11', '11'],
    ['a higher version', '10', '11'],
    ['a version that is not in the folder', '11', '7'],
    ['from a version that is not in the folder', '12', '10'],
  ])('refuses to go to %s', async (_, from, to) => {
    await using target = await migratedTarget(database, FILES);
    const door = open(target);
    const result = await door.down(await request(door, { from, to }));
    expect(result.state).toBe('refused');
    expect(await target.version()).toBe('11');
  });

  test.each([
    ['empty', ''],
    ['of white space', ' \n\t'],
    ['of comments only', '-- cannot be undone\n;'],
    ['unreadable', 'drop tabel x'],
    ['without the end of its transaction', 'begin; drop table teams;'],
  ])('refuses a down file %s', async (_, down) => {
    await using target = await migratedTarget(database, plus(down));
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'refused' });
    expect(said(result)).toContain('12_last.down.sql');
    expect(await target.version()).toBe('12');
  });

  test.each([
    ['missing', { '12_last.up.sql': 'select 1' }],
    [
      'there twice',
      {
        '12_last.up.sql': 'select 1',
        '12_last.down.sql': 'select 1',
        '012_x.down.sql': 'select 1',
      },
    ],
    ['misnamed', { '12_last.up.sql': 'select 1', '12_last_down.sql': 'select 1' }],
  ])('refuses when the down file is %s', async (_, files) => {
    await using target = await migratedTarget(database, { ...FILES, ...files });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'refused' });
    expect(said(result)).toContain('ersion 12');
    expect(await target.version()).toBe('12');
  });

  test('refuses a file that changed after it was planned', async () => {
    await using target = await migratedTarget(database, FILES);
    const door = open(target);
    const planned = await request(door, { from: '11', to: '2' });
    await target.write({ '10_team_name.down.sql': 'drop table accounts cascade' });
    const result = await door.down(planned);

    expect(result).toMatchObject({ state: 'refused' });
    expect(said(result)).toContain('10_team_name.down.sql');
    expect(await target.version()).toBe('11');
  });

  test('refuses a migration that came into the folder after the plan', async () => {
    await using target = await migratedTarget(database, FILES);
    const door = open(target);
    const planned = await request(door, { from: '11', to: '2' });
    await target.write({
      '9_late.up.sql': 'select 1',
      '9_late.down.sql': 'drop table accounts cascade',
    });

    expect(await door.down(planned)).toMatchObject({ state: 'refused' });
    expect(await target.version()).toBe('11');
  });
});
