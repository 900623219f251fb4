import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Session } from './connect.ts';

const CANCEL_WAIT_MS = 3_000;
const END_WAIT_MS = 3_000;
const LOOK_EVERY_MS = 50;

export interface NamedSession {
  readonly pid: number;
  readonly state: string;
}

const Row = z.object({ pid: z.number(), state: z.string() });

/** Sessions of this database whose application name begins so; not those of the name `ours`. */
export async function sessionsNamed(
  session: Session,
  { prefix, ours }: { readonly prefix: string; readonly ours: string },
): Promise<readonly NamedSession[]> {
  return session.query(
    Row,
    `select pid, coalesce(state, 'unknown') as state
       from pg_stat_activity
      where datname = current_database()
        and starts_with(application_name, $1)
        and application_name <> $2
        and pid <> pg_backend_pid()
      order by pid`,
    [prefix, ours],
  );
}

/** Cancels what these sessions do, then ends those that are still there; says how many there were. */
export async function endSessionsNamed(session: Session, applicationName: string): Promise<number> {
  const found = await exactlyNamed(session, applicationName);
  if (found.length === 0) return 0;
  await signal(session, 'pg_cancel_backend', found);
  // A program whose statement was cancelled mostly leaves by itself, and undoes more cleanly than we could.
  const left = await untilGone(session, applicationName, CANCEL_WAIT_MS);
  if (left.length > 0) {
    await signal(session, 'pg_terminate_backend', left);
    await untilGone(session, applicationName, END_WAIT_MS);
  }
  return found.length;
}

async function exactlyNamed(session: Session, name: string): Promise<readonly NamedSession[]> {
  return session.query(
    Row,
    `select pid, coalesce(state, 'unknown') as state
       from pg_stat_activity
      where datname = current_database()
        and application_name = $1
        and pid <> pg_backend_pid()`,
    [name],
  );
}

async function signal(
  session: Session,
  how: 'pg_cancel_backend' | 'pg_terminate_backend',
  sessions: readonly NamedSession[],
): Promise<void> {
  await session.query(z.unknown(), `select ${how}(pid) from unnest($1::int[]) as pid`, [
    sessions.map(({ pid }) => pid),
  ]);
}

async function untilGone(
  session: Session,
  name: string,
  patienceMs: number,
): Promise<readonly NamedSession[]> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const left = await exactlyNamed(session, name);
    if (left.length === 0 || Date.now() >= until) return left;
    await sleep(LOOK_EVERY_MS);
  }
}
