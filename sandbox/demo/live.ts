/** The demo as its page shows it: the state of the world, the story played live, and the world broken again. */
import { parse } from 'yaml';
import { z } from 'zod';

import type { JsonObject } from '../slack/json.ts';
import { PEOPLE } from '../world/backout-config.ts';
import { HARMFUL_VERSION } from '../world/database.ts';
import type { ServiceName } from '../world/services/release.ts';
import { dump } from './dump.ts';
import type { Deed, DemoDesk } from './routes.ts';
import type { Stage } from './stage.ts';
import { playRollback } from './story.ts';
import type { Terminal } from './terminal.ts';
import { pause } from './waiting.ts';

const BREATH_MS = 2_000;
const LOCK_TIMEOUT_MS = 3_000;
const VERSION_EVERY_MS = 2_500;
const SERVICES: readonly ServiceName[] = ['auth-service', 'gateway-service'];
const WAITING = 'Still starting. One moment.';

const Lock = z.object({ locked: z.boolean(), incident: z.string().nullable() });
const Roles = z.object({
  targets: z.object({
    auth: z.object({ roles: z.record(z.string(), z.object({ people: z.array(z.string()) })) }),
  }),
});
const TITLES: Readonly<Record<string, string>> = {
  on_call: 'on call',
  dba: 'database administrator',
  platform_lead: 'platform lead',
};

type Story = 'idle' | 'playing' | 'ended';

interface Playing {
  story: Story;
  said: string;
  isBreaking: boolean;
  target: { readonly version: number; readonly dirty: boolean };
  targetReadAt: number;
}

export function openDesk(stageNow: () => Stage | null, terminal: Terminal): DemoDesk {
  const playing: Playing = {
    story: 'idle',
    said: 'People cannot log in. Type /rollback start, or watch it being done.',
    isBreaking: false,
    target: { version: HARMFUL_VERSION, dirty: false },
    targetReadAt: 0,
  };
  return {
    async state() {
      const stage = stageNow();
      return stage === null ? stillStarting() : stateOf(stage, playing);
    },
    async watch() {
      const stage = stageNow();
      if (stage === null) return refused(WAITING);
      const no = await whyNot(stage, playing);
      if (no !== null) return refused(no);
      playing.story = 'playing';
      void play({ ...stage, terminal }, playing);
      return { ok: true };
    },
    async breakAgain() {
      const stage = stageNow();
      if (stage === null) return refused(WAITING);
      const no = await whyNot(stage, playing);
      if (no !== null) return refused(no);
      await breakIt(stage, playing);
      playing.story = 'idle';
      playing.said = 'It is broken again. Type /rollback start, or watch it being done.';
      return { ok: true };
    },
    async acknowledge(id) {
      const stage = stageNow();
      if (stage === null) return refused(WAITING);
      const { pager } = stage.world;
      const call = pager.calls().find((one) => one.id === id);
      if (call?.state !== 'triggered')
        return refused('Nobody is waiting for an answer to this call.');
      const isTold = await pager.acknowledge(id, whoAnswers(call.who));
      return isTold
        ? { ok: true }
        : refused('Backout does not take the news. Is it being restarted?');
    },
  };
}

function refused(saw: string): Deed {
  return { ok: false, saw };
}

/** Why neither the story can begin nor the world be broken now; asked of Backout as a deployment would ask. */
async function whyNot({ bot }: Stage, playing: Playing): Promise<string | null> {
  if (playing.story === 'playing') return 'The story is being told. Wait for its end.';
  if (playing.isBreaking) return 'It is being broken right now. One moment.';
  const lock = await lockOf(bot.url());
  if (lock === null) return 'Backout does not answer right now. Try again in a moment.';
  if (!lock.locked) return null;
  return `${lock.incident ?? 'An incident'} is still open for auth. Close it first: /rollback close in its channel.`;
}

async function lockOf(url: string): Promise<z.infer<typeof Lock> | null> {
  try {
    const response = await fetch(`${url}/locks/auth`, {
      signal: AbortSignal.timeout(LOCK_TIMEOUT_MS),
    });
    return response.ok ? Lock.parse(await response.json()) : null;
  } catch {
    return null;
  }
}

async function breakIt({ world }: Stage, playing: Playing): Promise<void> {
  playing.isBreaking = true;
  try {
    await world.breakAgain();
  } finally {
    playing.isBreaking = false;
    playing.targetReadAt = 0;
  }
}

async function play(
  stage: Stage & { readonly terminal: Terminal },
  playing: Playing,
): Promise<void> {
  const say = (text: string): void => {
    playing.said = text;
  };
  try {
    const { version } = await stage.world.database.version();
    if (version !== HARMFUL_VERSION) {
      say('First it is broken again.');
      await breakIt(stage, playing);
    }
    await playRollback({
      stage,
      cues: {
        scene: say,
        did: (who, what) => say(`${PEOPLE[who].name} ${what.split('\n')[0] ?? ''}`),
        breathe: () => pause(BREATH_MS),
      },
      untilArchived: false,
    });
    say('That was it: people can log in again, and the post-mortem is in the channel.');
  } catch (error) {
    say(`The story stopped. ${error instanceof Error ? error.message : String(error)}`);
    dump(stage, stage.terminal);
    stage.terminal.line(`\n${playing.said}`);
  } finally {
    playing.story = 'ended';
  }
}

/** The pager knows roles; somebody of that role answers. */
function whoAnswers(called: string): string {
  const own = Object.entries(PEOPLE).find(([name]) => name === called);
  if (own !== undefined) return own[1].name;
  return called.includes('administrator') ? PEOPLE.dora.name : PEOPLE.anna.name;
}

function stillStarting(): JsonObject {
  return {
    story: 'idle',
    said: WAITING,
    services: [],
    successRate: null,
    pages: [],
    target: { version: HARMFUL_VERSION, dirty: false },
    canBreak: false,
    people: [],
  };
}

async function stateOf(stage: Stage, playing: Playing): Promise<JsonObject> {
  const { world, bot } = stage;
  const [services, lock, target] = await Promise.all([
    Promise.all(SERVICES.map((name) => serviceSeen(stage, name))),
    lockOf(bot.url()),
    targetSeen(stage, playing),
  ]);
  const isFree = lock !== null && !lock.locked && !playing.isBreaking;
  return {
    story: playing.story,
    said: playing.said,
    services,
    successRate: world.traffic.now().successRate,
    pages: world.pager.calls().map(({ id, who, at, state }) => {
      return { id, who, at, state: state === 'triggered' ? 'called' : 'acknowledged' };
    }),
    target,
    canBreak: isFree && playing.story !== 'playing',
    people: peopleSeen(stage),
  };
}

async function serviceSeen({ world }: Stage, name: ServiceName): Promise<JsonObject> {
  const { status, reason } = await world.healthOf(name);
  const { release } = world.control.stateOf(name);
  const why = reason === null ? '' : `: ${reason}`;
  const isClosed = status === 'healthy' && world.control.isInMaintenance();
  return {
    name,
    healthy: status === 'healthy',
    says: `${isClosed ? 'in maintenance' : status}, release ${release}${why}`,
  };
}

/** Not while services are stopped or in maintenance: nobody else is to be in the database then. */
async function targetSeen({ world }: Stage, playing: Playing): Promise<JsonObject> {
  const { control, database } = world;
  const isQuiet =
    control.isInMaintenance() || SERVICES.some((name) => control.stateOf(name).state === 'stopped');
  const isFresh = Date.now() - playing.targetReadAt < VERSION_EVERY_MS;
  if (!isQuiet && !isFresh && !playing.isBreaking) {
    playing.targetReadAt = Date.now();
    playing.target = await database.version().catch(() => playing.target);
  }
  return { ...playing.target };
}

function peopleSeen({ world }: Stage): readonly JsonObject[] {
  const { roles } = Roles.parse(parse(world.backoutConfig)).targets.auth;
  return Object.entries(roles).flatMap(([role, { people }]) =>
    people.map((name) => {
      const id = Object.entries(PEOPLE).find(([one]) => one === name)?.[1].slack ?? name;
      return { id, role: TITLES[role] ?? role };
    }),
  );
}
