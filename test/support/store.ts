/** A store of its own for a test: migrated, with the owner and the application as two roles. */
import { migrateStore } from '../../src/store/migrate.ts';
import type { StoreConnection } from '../../src/store/connect.ts';
import { connectStore } from '../../src/store/connect.ts';
import { freshDatabase, freshRole } from './postgres.ts';

export interface FreshStore extends AsyncDisposable {
  /** As the application: it may add to history and not change it. */
  readonly store: StoreConnection;
  readonly appUrl: string;
  readonly ownerUrl: string;
}

export async function freshStore(): Promise<FreshStore> {
  const role = await freshRole();
  const database = await freshDatabase();
  const appUrl = role.urlOf(database);
  await migrateStore({ ownerUrl: database.url, appUrl });
  const store = connectStore({
    url: appUrl,
    applicationName: 'backout/test',
    connectionsMax: 8,
    statementTimeoutMs: 10_000,
    onError: () => undefined,
  });
  return {
    store,
    appUrl,
    ownerUrl: database.url,
    async [Symbol.asyncDispose]() {
      await store.close();
      await database.drop();
      await role.drop();
    },
  };
}
