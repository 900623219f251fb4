import { z } from 'zod';
import type { Session } from '../target/connect.ts';
import { findVersionTable, readVersion, type VersionTable } from './version-table.ts';

/** What has to be known of the server before a rollback starts. */
export interface Server {
  readonly versionNum: number;
  readonly usesTls: boolean;
  readonly table: VersionTable;
  readonly row: { readonly version: string | null; readonly dirty: boolean };
}

export async function readServer(session: Pick<Session, 'query'>, url: string): Promise<Server> {
  const [about] = await session.query(
    z.object({ versionNum: z.number(), usesTls: z.boolean() }),
    `select current_setting('server_version_num')::int as "versionNum",
            exists (select from pg_stat_ssl where pid = pg_backend_pid() and ssl) as "usesTls"`,
  );
  const table = await findVersionTable(session, url);
  return {
    versionNum: about?.versionNum ?? 0,
    usesTls: about?.usesTls ?? false,
    table,
    row: await readVersion(session, table),
  };
}
