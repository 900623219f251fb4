import { findVersionTable, readVersion } from '../migrations/version-table.ts';
import { VersionRow } from '../incident/facts/facts.ts';
import type { Session } from './connect.ts';

/** Quoted schema and table. */
export async function readVersionTable(session: Session, url: string): Promise<string> {
  return (await findVersionTable(session, url)).quoted;
}

/** The version row, read without making the table or taking the lock as `migrate version` would. */
export async function readVersionRow(session: Session, url: string): Promise<VersionRow> {
  const { version, dirty } = await readVersion(session, await findVersionTable(session, url));
  if (version !== null) return { state: 'at', version, dirty };
  return dirty ? { state: 'none', dirty } : { state: 'none' };
}
