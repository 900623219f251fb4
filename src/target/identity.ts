import { z } from 'zod';
import { Identity } from '../incident/facts.ts';
import type { Session } from './connect.ts';

/** Which database this is, whatever its address says today. */
export async function readIdentity(session: Session): Promise<Identity> {
  const [row] = await session.query(
    Identity,
    `select (select system_identifier::text from pg_control_system()) as "systemIdentifier",
            current_database()::text as database,
            split_part(current_setting('server_version'), ' ', 1) as "serverVersion",
            current_setting('server_version_num')::int as "serverVersionNum",
            pg_is_in_recovery() as "isReplica"`,
  );
  return Identity.parse(row);
}

/** For example 150020. */
export async function serverVersionNum(session: Session): Promise<number> {
  const [row] = await session.query(
    z.object({ num: z.number() }),
    `select current_setting('server_version_num')::int as num`,
  );
  return z.number().parse(row?.num);
}
