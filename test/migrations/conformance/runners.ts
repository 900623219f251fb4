import { vi, expect } from 'vitest';
import { z } from 'zod';
import type { DownResult } from '../../../src/doors.ts';
import { builtIn } from '../../../src/migrations/built-in.ts';
import { golangMigrate } from '../../../src/migrations/golang-migrate.ts';
import { connect } from '../../../src/target/connect.ts';
import type { Files } from '../target.ts';

/** What both promise is tested once, and run against each. */
export const RUNNERS = [
  ['golang-migrate', golangMigrate],
  ['built-in', builtIn],
] as const;

export const FILES = {
  '1_accounts.up.sql': 'create table accounts (id int primary key, name text)',
  '1_accounts.down.sql': 'drop table accounts',
  '2_teams.up.sql': 'create table teams (id int primary key)',
  '2_teams.down.sql': 'drop table teams',
  '10_team_name.up.sql': 'alter table teams add name text',
  '10_team_name.down.sql': 'alter table teams drop name',
  '011_emails.up.sql':
    'alter table accounts add email text; create index emails on accounts (email)',
  '011_emails.down.sql': 'drop index emails;\nalter table accounts drop email;',
} satisfies Files;

/** One more migration on top. */
export function plus(down: string, up = 'select 1'): Files {
  return { ...FILES, '12_last.up.sql': up, '12_last.down.sql': down };
}

/** Until the runner's session sleeps in the middle of a down file. */
export async function untilSleeping(url: string): Promise<void> {
  const watcher = await connect(url, { applicationName: 'watcher', readOnly: true });
  try {
    await vi.waitFor(
      async () => {
        const rows = await watcher.query(
          z.unknown(),
          `select from pg_stat_activity
            where application_name = 'backout/INC-1/op-1' and wait_event = 'PgSleep'
              and datname = current_database()`,
        );
        expect(rows).toHaveLength(1);
      },
      { timeout: 10_000, interval: 20 },
    );
  } finally {
    await watcher.end();
  }
}

export function said(result: DownResult): string {
  return result.state === 'refused' ? result.say : result.tail;
}
