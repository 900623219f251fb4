/** A Slack workspace, a store, and the Slack side of a bot between them: the real ones, without workers. */
import { commands } from '../../../commands/index.ts';
import { openDesk } from '../../../src/handle.ts';
import type { Handle } from '../../../src/handle.ts';
import { event } from '../../../src/incident/events.ts';
import type { Incident } from '../../../src/incident/incident.ts';
import type { IncidentId } from '../../../src/incident/names.ts';
import type { Target } from '../../../src/incident/target.ts';
import type { Log } from '../../../src/log.ts';
import type { SlackApp } from '../../../src/slack/app.ts';
import { openSlackApp } from '../../../src/slack/app.ts';
import { openPace } from '../../../src/slack/pace.ts';
import { openProjection } from '../../../src/slack/projection.ts';
import type { StoreConnection } from '../../../src/store/connect.ts';
import { appendToIncident, lockIncident } from '../../../src/store/append.ts';
import { newIncident, openIncidents } from '../../../src/store/incidents.ts';
import { claimOperation, endOperation } from '../../../src/store/operations.ts';
import type { SlackOptions, StandInSlack } from '../../../sandbox/slack/slack.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import { plausibleResult } from '../../support/incidents.ts';
import { freshStore } from '../../support/store.ts';
import { aTarget } from '../../support/targets.ts';

export const TEAM = 'T0ACME';
export const HOME = 'C0HOME';
export const TALK = 'C0TALK';
/** A channel that the bot is not in. */
export const ELSEWHERE = 'C0ELSEWHERE';

export const PEOPLE = {
  anna: { name: 'Anna', slack: ['U0ANNA'] },
  ben: { name: 'Ben', slack: ['U0BEN'] },
  dora: { name: 'Dora', slack: ['U0DORA', 'U0DORA2'] },
  dev: { name: 'Dev', slack: ['U0DEV'] },
  pat: { name: 'Pat', slack: ['U0PAT'] },
} as const;

const SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:manage',
  'channels:read',
  'chat:write',
  'commands',
  'files:write',
  'groups:history',
  'groups:read',
  'groups:write',
  'pins:write',
  'users:read',
];

export function aWorkspace(over: Partial<SlackOptions> = {}): SlackOptions {
  const users = ['ANNA', 'BEN', 'DORA', 'DORA2', 'DEV', 'PAT', 'GUS', 'ZOE'].map((name) => ({
    id: `U0${name}`,
    name: name.toLowerCase(),
    realName: name,
    ...(name === 'GUS' ? { kind: 'guest' as const } : {}),
    ...(name === 'ZOE' ? { kind: 'stranger' as const } : {}),
  }));
  const everybody = users.map(({ id }) => id);
  return {
    team: { id: TEAM, domain: 'acme' },
    users,
    app: { scopes: SCOPES, commands: ['/rollback'], botEvents: ['app_mention'] },
    channels: [
      { id: HOME, name: 'incidents', members: [...everybody, 'U0BACKOUT'] },
      { id: TALK, name: 'talk', members: [...everybody, 'U0BACKOUT'] },
      { id: ELSEWHERE, name: 'elsewhere', members: everybody },
    ],
    ...over,
  };
}

const nothing = (): void => undefined;
export const quiet: Log = {
  info: nothing,
  warn: nothing,
  error: nothing,
  debug: nothing,
  child: () => quiet,
};

export interface Records {
  readonly store: StoreConnection;
  readonly targets: readonly Target[];
  readonly open: (given?: {
    readonly saidIn?: string;
    readonly target?: string;
  }) => Promise<IncidentId>;
  /** Assessed and backed up, so that there is a plan. */
  readonly prepare: (id: IncidentId) => Promise<void>;
  readonly append: (
    id: IncidentId,
    events: Parameters<typeof appendToIncident>[1]['events'],
  ) => Promise<void>;
  readonly incident: (id: IncidentId) => Promise<Incident>;
  readonly close: () => Promise<void>;
}

export async function aStore(targets: readonly Target[] = [aTarget()]): Promise<Records> {
  const fresh = await freshStore();
  const { store } = fresh;
  const targetOf = (name: string): Target => {
    const found = targets.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no target ${name}`);
    return found;
  };
  const read = async (id: IncidentId): Promise<Incident> => {
    const found = await store.transaction((tx) => lockIncident(tx, id));
    if (found.incident === null) throw new Error(`no incident ${id}`);
    return found.incident;
  };
  const append: Records['append'] = async (id, events) => {
    await store.transaction(async (tx) => {
      const { incident, events: before } = await lockIncident(tx, id);
      const target = targetOf(incident?.target ?? '');
      await appendToIncident(tx, { id, before, events, target, by: person('anna') });
    });
  };
  return {
    store,
    targets,
    append,
    incident: read,
    open: async ({ saidIn = TALK, target = 'auth' } = {}) =>
      store.transaction(async (tx) => {
        const id = await newIncident(tx, target);
        const sentence = 'Logins fail since the release';
        const opened = event('incident-opened', {
          incident: id,
          target,
          sentence,
          details: {},
          saidIn,
        });
        const given = { id, before: [], events: [opened], target: targetOf(target) };
        await appendToIncident(tx, { ...given, by: person('anna') });
        return id;
      }),
    prepare: async (id) => {
      const { operations } = await read(id);
      for (const { id: operation, step } of operations) {
        const claimed = await claimOperation(store, { id: operation, worker: 'test', targetOf });
        if (claimed === null) continue;
        const result = plausibleResult(step, 'succeeded', claimed.incident);
        await endOperation(store, claimed.claim, {
          report: {
            outcome: 'succeeded',
            says: 'It is done.',
            evidence: [],
            ...(result === undefined ? {} : { result }),
          },
          foundOut: false,
          targetOf,
        });
      }
    },
    close: async () => fresh[Symbol.asyncDispose](),
  };
}

function person(id: string): { readonly kind: 'person'; readonly person: string } {
  return { kind: 'person', person: id };
}

export interface Office extends Records {
  readonly slack: StandInSlack;
  readonly app: SlackApp;
  /** Where Slack delivers; null in Socket Mode. */
  readonly address: string | null;
  /** A second bot on the same store and workspace; in Socket Mode the two take turns. */
  readonly joinedByAnother: () => Promise<SlackApp>;
  readonly newest: () => Promise<Incident>;
  readonly acknowledgedMs: readonly number[];
}

export async function openOffice(
  given: {
    readonly mode?: 'http' | 'socket';
    readonly targets?: readonly Target[];
    readonly workspace?: Partial<SlackOptions>;
    readonly appToken?: string;
    /** Stands in the way of the real one, to be slow. */
    readonly handle?: (real: Handle) => Handle;
  } = {},
): Promise<Office> {
  const { mode = 'http', targets = [aTarget()], handle = (real) => real } = given;
  const [records, slack] = await Promise.all([
    aStore(targets),
    startSlack(aWorkspace(given.workspace)),
  ]);
  const { store } = records;
  const names = Object.fromEntries(Object.entries(PEOPLE).map(([id, { name }]) => [id, name]));
  const desk = openDesk({ store, commands, targets, people: names, log: quiet });
  const acknowledgedMs: number[] = [];
  const aBot = (): SlackApp =>
    openSlackApp({
      config: {
        people: PEOPLE,
        targets,
        port: 0,
        slack: {
          botToken: slack.botToken,
          apiUrl: slack.apiUrl,
          ...(mode === 'http'
            ? { signingSecret: slack.signingSecret }
            : { appToken: given.appToken ?? slack.appToken }),
        },
      },
      handle: handle(desk.handle),
      prepare: desk.prepare,
      commands,
      store,
      routes: [],
      log: quiet,
      onAcknowledged: (_kind, tookMs) => acknowledgedMs.push(tookMs),
    });
  const app = aBot();
  const bots = [app];
  const closeAll = async (): Promise<void> => {
    await Promise.all(bots.map((one) => one.stop()));
    await slack.close();
    await records.close();
  };
  const port = await app.start().catch(async (error: unknown) => {
    await closeAll();
    throw error;
  });
  const address = port === null ? null : `http://127.0.0.1:${port}/slack/events`;
  if (address !== null) slack.deliverTo(address);
  return {
    ...records,
    slack,
    app,
    address,
    joinedByAnother: async () => {
      const another = aBot();
      bots.push(another);
      await another.start();
      return another;
    },
    acknowledgedMs,
    newest: async () => {
      const [incident] = await openIncidents(store);
      if (incident === undefined) throw new Error(`Nothing is open.\n${slack.transcript()}`);
      return incident;
    },
    close: closeAll,
  };
}

/** Everything that is to be seen of the office's incidents is in Slack afterwards. */
export async function drawnBy(office: Office): Promise<void> {
  const { store, targets, app } = office;
  const projection = openProjection({
    store,
    web: app.web.drawing,
    whoAreWe: app.whoAreWe,
    targets,
    people: PEOPLE,
    homeChannel: HOME,
    log: quiet,
    pace: openPace(() => performance.now() * 100),
  });
  await projection.drawOnce(AbortSignal.timeout(20_000));
}
