import { inTime } from '../deadline.ts';
import { answerJson, type Route } from './route.ts';

const READY_TIMEOUT_MS = 2_000;

export interface HealthReaders {
  /** False when only a restart helps. */
  live(): boolean;
  /** `why` is shown to whoever asks, so nothing secret stands in it. */
  ready(): Promise<{ readonly ok: boolean; readonly why: string }>;
}

/** `/health/live`: shall the process go on? `/health/ready`: can it do its work now? */
export function health(readers: HealthReaders): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/health/live',
      async handle() {
        const ok = readers.live();
        return answerJson(ok ? 200 : 503, { ok });
      },
    },
    {
      method: 'GET',
      path: '/health/ready',
      async handle() {
        try {
          const { ok, why } = await inTime(readers.ready(), READY_TIMEOUT_MS);
          return answerJson(ok ? 200 : 503, { ok, why });
        } catch {
          return answerJson(503, { ok: false, why: 'The check itself failed or took too long.' });
        }
      },
    },
  ];
}
