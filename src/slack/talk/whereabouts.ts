/** Whoever started an incident is told when it has no channel, by the one way that works in every place. */
import type { Incident } from '../../incident/incident.ts';
import type { IncidentId } from '../../incident/names.ts';
import { sayNoChannel } from '../../incident/phrases.ts';
import type { Log } from '../../log.ts';
import { describeError } from '../../log.ts';
import type { Wish } from './payloads.ts';

const LOOK_MS = 2_000;
/** Slack takes an answer to a command for half an hour. */
const PATIENCE_MS = 25 * 60_000;

export interface Whereabouts {
  readonly watch: (incident: IncidentId, wish: Pick<Wish, 'speaker' | 'place'>) => void;
  readonly stop: () => void;
}

/** Forgets at a restart: then `/rollback status` tells. */
export function openWhereabouts(given: {
  readonly read: (incident: IncidentId) => Promise<Incident | null>;
  readonly tell: (
    wish: Pick<Wish, 'speaker' | 'place'>,
    news: { readonly incident: IncidentId; readonly text: string },
  ) => Promise<void>;
  readonly log: Log;
}): Whereabouts {
  const timers = new Set<NodeJS.Timeout>();

  const look = async (id: IncidentId, wish: Pick<Wish, 'speaker' | 'place'>): Promise<boolean> => {
    const incident = await given.read(id);
    if (incident === null || incident.closed !== undefined) return true;
    const { state } = incident.channel;
    if (state === 'none' || state === 'claimed') return false;
    if (state !== 'failed') return true;
    const text = `*${id}*: ${sayNoChannel(incident)}\n\`/rollback status ${id}\` shows it anywhere, with its buttons.`;
    await given.tell(wish, { incident: id, text });
    return true;
  };

  return {
    watch: (id, wish) => {
      const until = performance.now() + PATIENCE_MS;
      const again = (): void => {
        const timer = setTimeout(() => {
          timers.delete(timer);
          look(id, wish)
            .catch((error: unknown) => {
              given.log.warn(
                { incident: id, error: describeError(error) },
                'could not be looked up',
              );
              return false;
            })
            .then((isOver) => {
              if (!isOver && performance.now() < until) again();
            });
        }, LOOK_MS);
        timer.unref();
        timers.add(timer);
      };
      again();
    },
    stop: () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
