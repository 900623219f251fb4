/** The store, for as long as one word takes. */
import { z } from 'zod';
import type { TerminalConfig } from '../config.ts';
import type { StoreConnection } from '../store/connect.ts';
import { connectStore } from '../store/connect.ts';
import { openIncidents } from '../store/incidents.ts';
import type { Ending } from './ending.ts';

const STATEMENT_TIMEOUT_MS = 10_000;

export async function withStore(
  config: Pick<TerminalConfig, 'storeUrl'>,
  work: (store: StoreConnection) => Promise<Ending>,
): Promise<Ending> {
  const store = connectStore({
    url: config.storeUrl,
    applicationName: 'backout/terminal',
    connectionsMax: 4,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: () => undefined,
  });
  try {
    const trouble = await troubleWith(store);
    return trouble === null ? await work(store) : { exit: 'unsure', text: trouble };
  } finally {
    await store.close();
  }
}

const TROUBLES: Readonly<Record<string, string>> = {
  '28P01': 'does not take the password',
  '28000': 'does not let this role in',
  '3D000': 'does not have this database',
  '3F000': 'is empty: start Backout once, and it sets the store up',
  '42P01': 'is empty: start Backout once, and it sets the store up',
  '42501':
    'does not let this role read: start Backout once with this STORE_URL, and it gives the rights',
  ECONNREFUSED: 'refuses the connection',
  ENOTFOUND: 'cannot be found: its name does not resolve',
};
const Coded = z.object({ code: z.string() });

/** Asked before anything is said, so that a store that is away is told from a request that broke. */
async function troubleWith(store: StoreConnection): Promise<string | null> {
  try {
    await openIncidents(store);
    return null;
  } catch (error) {
    const code = Coded.safeParse(error).data?.code ?? '';
    return `The store ${TROUBLES[code] ?? 'cannot be reached'} (STORE_URL). Nothing was asked of it.`;
  }
}
