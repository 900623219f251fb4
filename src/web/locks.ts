import { inTime } from '../deadline.ts';
import { answerJson, type Route, type WebAnswer } from './route.ts';

const READ_TIMEOUT_MS = 2_000;

export type DatabaseLock =
  | { readonly state: 'free' }
  | {
      readonly state: 'locked';
      readonly by: string;
      /** ISO 8601. */
      readonly since: string;
      readonly incident: string;
    }
  | { readonly state: 'no-such-target' };

export interface LockReader {
  read(target: string): Promise<DatabaseLock>;
}

/**
 * `/locks/:target`: whether a deployment has to wait, because a rollback of this database is under way. Whatever
 * is not known counts as locked: a deployment too late does less harm than one in the middle of a rollback.
 */
export function locks(reader: LockReader): Route {
  return {
    method: 'GET',
    path: '/locks/:target',
    async handle({ params }) {
      try {
        return answerFor(await inTime(reader.read(params['target'] ?? ''), READ_TIMEOUT_MS));
      } catch {
        return answerJson(503, unknown('The lock cannot be read. Wait, and ask again.'));
      }
    },
  };
}

function answerFor(lock: DatabaseLock): WebAnswer {
  if (lock.state === 'no-such-target') {
    return answerJson(404, unknown('There is no target of this name.'));
  }
  if (lock.state === 'free') {
    return answerJson(200, { locked: false, by: null, since: null, incident: null });
  }
  const { by, since, incident } = lock;
  return answerJson(200, { locked: true, by, since, incident });
}

function unknown(why: string): object {
  return { locked: true, by: null, since: null, incident: null, why };
}
