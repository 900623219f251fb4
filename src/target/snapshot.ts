import { z } from 'zod';
import { Fault, type Patience, type Snapshot } from '../doors.ts';
import { connect } from './connect.ts';
import { exportCsv, lookUpExport } from './export-csv.ts';
import { readVersionRow } from './version.ts';

const LOCK_TIMEOUT_MS = 5_000;

/** Opens a transaction that sees the database as it is now, and lets others see the same by its id. */
export async function openSnapshot(
  url: string,
  { applicationName, signal }: { readonly applicationName: string } & Patience,
): Promise<Snapshot> {
  if (signal.aborted) throw new Fault('stopped', 'Reading the database was stopped.');
  const session = await connect(url, {
    applicationName,
    readOnly: true,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    // Whatever the role's own limit is: it is idle while pg_dump works, and an export takes as long as it takes.
    settings: { jit: 'off', statement_timeout: 0 },
  });
  try {
    // By name from pg_settings, because only PostgreSQL 17 and later know it.
    await session.execute(
      `select set_config(name, '0', false) from pg_settings where name = 'transaction_timeout'`,
    );
    // With row security off, a table of which we would see a part is an error instead.
    await session.execute(
      'begin isolation level repeatable read, read only; set local row_security = off',
    );
    const [row] = await session.query(
      z.object({ id: z.string() }),
      'select pg_export_snapshot() as id',
    );
    return {
      id: z.string().parse(row?.id),
      version: await readVersionRow(session, url),
      lookUp: (wanted) => lookUpExport(session, wanted),
      exportCsv: (wanted, options) => exportCsv(session, wanted, options),
      close: () => session.end(),
    };
  } catch (error) {
    await session.end();
    throw error;
  }
}
