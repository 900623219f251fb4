/** What the page's band shows: how the services are, who was called, and what can be done next. */
import { parse } from 'yaml';
import { z } from 'zod';

import type { JsonObject } from '../slack/json.ts';
import { PEOPLE } from '../world/backout-config.ts';
import { HARMFUL_VERSION } from '../world/database.ts';
import type { ServiceName } from '../world/services/release.ts';
import { type Lock, lockOf } from './lock.ts';
import { whatNow } from './next-step.ts';
import type { Stage } from './stage.ts';

const VERSION_EVERY_MS = 2_500;
const SERVICES: readonly ServiceName[] = ['auth-service', 'gateway-service'];
export const WAITING = 'Still starting. One moment.';

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

/** What the demo remembers from one press to the next. */
export interface Playing {
  story: 'idle' | 'playing' | 'ended';
  /** The story's newest line; once it has ended, its last word. */
  said: string;
  /** The incident that was open when the story ended: its last word holds as long as that is so. */
  leftOpen: string | null;
  /** A press that is not decided yet: the second one of a double click finds it. */
  isAsked: boolean;
  isBreaking: boolean;
  target: { readonly version: number; readonly dirty: boolean };
  targetReadAt: number;
}

export function nothingPlayed(): Playing {
  return {
    story: 'idle',
    said: '',
    leftOpen: null,
    isAsked: false,
    isBreaking: false,
    target: { version: HARMFUL_VERSION, dirty: false },
    targetReadAt: 0,
  };
}

export function stillStarting(): JsonObject {
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

export async function stateOf(stage: Stage, playing: Playing): Promise<JsonObject> {
  const { world, bot } = stage;
  const [services, lock, target] = await Promise.all([
    Promise.all(SERVICES.map((name) => serviceSeen(stage, name))),
    lockOf(bot.url()),
    targetSeen(stage, playing),
  ]);
  const isFree = lock !== null && !lock.locked && !playing.isBreaking;
  return {
    story: playing.story,
    said: saidNow(stage, playing, {
      lock,
      isWell: services.every(({ healthy }) => healthy),
    }),
    services: [...services],
    successRate: world.traffic.now().successRate,
    pages: world.pager.calls().map(({ id, who, at, state }) => {
      return { id, who, at, state: state === 'triggered' ? 'called' : 'acknowledged' };
    }),
    target,
    canBreak: isFree && playing.story !== 'playing',
    people: peopleSeen(stage),
  };
}

/** The story while it is told; else what is so, and what to do about it. */
function saidNow(
  { slack }: Stage,
  { story, said, leftOpen, isBreaking }: Playing,
  now: { readonly lock: Lock | null; readonly isWell: boolean },
): string {
  if (story === 'playing') return said;
  if (isBreaking) return 'It is being broken again. One moment.';
  const next = whatNow(slack, now);
  const isItsLastWord = story === 'ended' && now.lock !== null && now.lock.incident === leftOpen;
  return isItsLastWord ? `${said} ${next}` : next;
}

interface ServiceSeen extends JsonObject {
  readonly healthy: boolean;
}

async function serviceSeen({ world }: Stage, name: ServiceName): Promise<ServiceSeen> {
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
