/** What is kept beside the events, in the same transaction: rows to find things by, and to hold them unique. */
import type { Event } from '../incident/events.ts';
import type { IncidentId } from '../incident/names.ts';
import { STOPPED_BY_ABORT } from '../incident/flow/work.ts';
import type { Db } from './connect.ts';
import { rememberSchema } from './seen-schemas.ts';
import { rememberAssessed } from './seen-versions.ts';

export async function keepRows(tx: Db, id: IncidentId, happened: Event): Promise<void> {
  switch (happened.type) {
    case 'channel-opened':
      await tx.run('update backout.incidents set channel = $2 where id = $1', [
        id,
        happened.data.channel,
      ]);
      return;
    case 'incident-closed':
      await tx.run('update backout.incidents set is_open = false where id = $1', [id]);
      return;
    case 'approval-given': {
      const { hash, role, expiresAt } = happened.data;
      const person = happened.by.kind === 'person' ? happened.by.person : null;
      await tx.run(
        `insert into backout.approvals (incident, hash, role, person, given_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)`,
        [id, hash, role, person, happened.at, expiresAt],
      );
      return;
    }
    case 'approval-expired':
      await endApprovals(tx, id, { state: 'expired', ...happened.data });
      return;
    case 'approval-returned':
      await endApprovals(tx, id, { state: 'voided', ...happened.data });
      return;
    case 'approvals-voided':
    case 'plan-declined':
      await endApprovals(tx, id, { state: 'voided', hash: happened.data.hash });
      return;
    case 'abort-asked':
      await endApprovals(tx, id, { state: 'voided' });
      await tx.run(
        `update backout.operations set cancel_asked = true
        where incident = $1 and state in ('queued', 'running', 'lost')
          and step = any($2)`,
        [id, STOPPED_BY_ABORT],
      );
      return;
    case 'operation-ended':
      await tx.run(`update backout.operations set state = $2, lease_until = null where id = $1`, [
        happened.data.operation,
        happened.data.outcome,
      ]);
      await rememberSchema(tx, id, happened);
      await rememberAssessed(tx, id, happened);
      return;
    default:
  }
}

async function endApprovals(
  tx: Db,
  id: IncidentId,
  ended: { readonly state: 'expired' | 'voided'; readonly hash?: string; readonly role?: string },
): Promise<void> {
  await tx.run(
    `update backout.approvals set state = $2
    where incident = $1 and state = 'given'
      and ($3::text is null or hash = $3)
      and ($4::text is null or role = $4)`,
    [id, ended.state, ended.hash ?? null, ended.role ?? null],
  );
}
