/** The store, for as long as one word takes. */
import type { TerminalConfig } from '../config.ts';
import type { StoreConnection } from '../store/connect.ts';
import { connectStore } from '../store/connect.ts';
import { openIncidents } from '../store/incidents.ts';
import { troubleWith } from '../store/trouble.ts';
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
    const trouble = await lookAt(store);
    return trouble === null ? await work(store) : { exit: 'unsure', text: trouble };
  } finally {
    await store.close();
  }
}

/** Asked before anything is said, so that a store that is away is told from a request that broke. */
async function lookAt(store: StoreConnection): Promise<string | null> {
  try {
    await openIncidents(store);
    return null;
  } catch (error) {
    return `The store ${troubleWith(error)} (STORE_URL). Nothing was asked of it.`;
  }
}
