/** A workspace and a store with a projection between them, and eyes for what it drew. */
import type { Message } from '../../../sandbox/slack/state.ts';
import type { SlackOptions, StandInSlack } from '../../../sandbox/slack/slack.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { IncidentId } from '../../../src/incident/names.ts';
import type { Target } from '../../../src/incident/target.ts';
import { openIdentity } from '../../../src/slack/identity.ts';
import type { Projection } from '../../../src/slack/projection.ts';
import { openProjection } from '../../../src/slack/projection.ts';
import { openWeb } from '../../../src/slack/web.ts';
import type { Records } from './office.ts';
import { aStore, aWorkspace, HOME, PEOPLE, quiet } from './office.ts';

/** Nobody wants to wait as long as Slack asks for. */
const TIMES_FASTER = 100;
const LIMIT_MS = 20_000;

export interface Studio extends AsyncDisposable, Records {
  readonly slack: StandInSlack;
  /** As after a restart: it remembers nothing. */
  readonly projection: (given?: {
    readonly pace?: 'as in life';
    readonly targets?: readonly Target[];
  }) => Projection;
  readonly draw: () => Promise<void>;
  /** Everything that is drawn counts as not yet looked at. */
  readonly lookAgain: (id: IncidentId) => Promise<void>;
  readonly channelNamed: (name: string) => ReturnType<StandInSlack['channels']>[number];
  /** Our own messages in a channel, without those in threads. */
  readonly ours: (channel: string) => readonly Message[];
  readonly withKey: (channel: string, key: string) => readonly Message[];
  /** As somebody else does it with the same token. */
  readonly meddle: (method: string, args: Readonly<Record<string, unknown>>) => Promise<void>;
}

export async function openStudio(
  given: {
    readonly workspace?: Partial<SlackOptions>;
    readonly targets?: readonly Target[];
  } = {},
): Promise<Studio> {
  const [slack, records] = await Promise.all([
    startSlack(aWorkspace(given.workspace)),
    aStore(given.targets),
  ]);
  const { store, targets } = records;
  const web = openWeb(slack, quiet);
  const projection: Studio['projection'] = ({ pace, targets: configured = targets } = {}) =>
    openProjection({
      store,
      web: web.drawing,
      whoAreWe: openIdentity(web.interaction),
      targets: configured,
      people: PEOPLE,
      homeChannel: HOME,
      log: quiet,
      ...(pace === undefined ? { clock: () => performance.now() * TIMES_FASTER } : {}),
    });
  const ours: Studio['ours'] = (channel) =>
    slack.messages(channel).filter((one) => one.bot_id !== undefined && one.metadata !== undefined);
  return {
    ...records,
    slack,
    projection,
    ours,
    draw: () => projection().drawOnce(AbortSignal.timeout(LIMIT_MS)),
    lookAgain: async (id) => {
      await store.run('delete from backout.drawn where incident = $1', [id]);
    },
    channelNamed: (name) => {
      const found = slack.channels().find((one) => one.name === name);
      if (found === undefined) throw new Error(`no channel ${name}\n${slack.transcript()}`);
      return found;
    },
    withKey: (channel, key) => ours(channel).filter((one) => keyOf(one) === key),
    meddle: async (method, args) => {
      await web.interaction.apiCall(method, { ...args });
    },
    async [Symbol.asyncDispose]() {
      await slack.close();
      await records.close();
    },
  };
}

/** What the message shows of its incident. */
export function keyOf(message: Message): string {
  const payload = message.metadata?.['event_payload'];
  const isKnown = typeof payload === 'object' && payload !== null && 'key' in payload;
  return isKnown && typeof payload['key'] === 'string' ? payload['key'] : '';
}
