import { z } from 'zod';
import { Identity } from '../incident/facts/facts.ts';
import { addressOf } from './address.ts';
import type { Session } from './connect.ts';

/** Which database this is, whatever its address says today; and that address without its secrets. */
export async function readIdentity(session: Session, url: string): Promise<Identity> {
  const [row] = await session.query(
    Identity.omit({ address: true }).extend({ usesTls: z.boolean() }),
    `select (select system_identifier::text from pg_control_system()) as "systemIdentifier",
            current_database()::text as database,
            split_part(current_setting('server_version'), ' ', 1) as "serverVersion",
            current_setting('server_version_num')::int as "serverVersionNum",
            pg_is_in_recovery() as "isReplica",
            exists (select from pg_stat_ssl where pid = pg_backend_pid() and ssl) as "usesTls"`,
  );
  return Identity.parse({ ...row, address: addressOf(url, { usesTls: row?.usesTls === true }) });
}

/** For example 150020. */
export async function serverVersionNum(session: Session): Promise<number> {
  const [row] = await session.query(
    z.object({ num: z.number() }),
    `select current_setting('server_version_num')::int as num`,
  );
  return z.number().parse(row?.num);
}
