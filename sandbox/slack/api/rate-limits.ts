import type { Workspace } from '../state.ts';
import type { Method, RawArgs, Tier } from './define.ts';

const PER_MINUTE: Readonly<Record<Exclude<Tier, 'per-channel'>, number>> = {
  1: 1,
  2: 20,
  3: 50,
  4: 100,
  special: 600,
};
const POSTS_PER_SECOND = 1;
const POSTS_BURST = 4;

/** Takes one from a bucket; when it is empty, the seconds until the next. */
function take(
  workspace: Workspace,
  key: string,
  { capacity, perSecond }: { readonly capacity: number; readonly perSecond: number },
): number | undefined {
  const now = workspace.now();
  const bucket = workspace.buckets.get(key) ?? { tokens: capacity, at: now };
  const filled = Math.min(capacity, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
  if (filled < 1) {
    workspace.buckets.set(key, { tokens: filled, at: now });
    return Math.max(1, Math.ceil((1 - filled) / perSecond));
  }
  workspace.buckets.set(key, { tokens: filled - 1, at: now });
  return undefined;
}

/** One message a second in each channel, with a short burst. */
export function postTooSoon(workspace: Workspace, channelId: string): number | undefined {
  if (workspace.rateLimits === 'off') return undefined;
  const key = `posts in ${channelId}`;
  return take(workspace, key, { capacity: POSTS_BURST, perSecond: POSTS_PER_SECOND });
}

/** The seconds for `Retry-After`, or undefined when the call may go on. */
export function tooSoon(workspace: Workspace, method: Method, args: RawArgs): number | undefined {
  if (workspace.rateLimits === 'off') return undefined;
  if (method.tier === 'per-channel') return postTooSoon(workspace, args['channel'] ?? '');
  const perMinute = PER_MINUTE[method.tier];
  return take(workspace, method.name, { capacity: perMinute, perSecond: perMinute / 60 });
}
