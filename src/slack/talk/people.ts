/** Slack's accounts → people, by configuration, and what those accounts are at this moment. */
import { z } from 'zod';
import type { Person } from '../../define-command.ts';
import type { Standing } from '../../incident/plan/gates.ts';
import type { PersonId } from '../../incident/names.ts';
import type { DrawnPerson } from '../views/drawing.ts';
import type { Web } from '../web.ts';
import { call } from '../web.ts';

/** How long an answer of Slack is taken as it is, and how long it may stand in when Slack is silent. */
const FRESH_MS = 3 * 60_000;
const STALE_MAX_MS = 10 * 60_000;
const PATIENCE_MS = 800;
const ENTRIES_MAX = 5_000;

export interface PeopleOfSlack {
  /** `fresh` asks Slack whatever is remembered: for verbs that give or take a key. */
  readonly person: (
    account: { readonly user: string; readonly team: string },
    options: { readonly fresh: boolean },
  ) => Promise<PersonOfSlack>;
}

export interface PersonOfSlack extends Person {
  readonly doubt?: Doubt;
}

/** Slack was silent and the person counts by what is remembered or configured; or Slack will never say. */
export type Doubt =
  | { readonly kind: 'unchecked' }
  | { readonly kind: 'unseen'; readonly error: string };

interface Known {
  readonly standing: Standing;
  /** Of our workspace too, in an organisation of many: whatever home Slack names for the account. */
  readonly isShared: boolean;
  readonly name: string;
  readonly at: number;
}

/** Silent: no answer in time, trouble on its side, or it does not know the question. Refused: it will never say. */
type Seen =
  | { readonly state: 'known'; readonly known: Known }
  | { readonly state: 'silent'; readonly known?: Known }
  | { readonly state: 'refused'; readonly error: string };

const UserInfo = z.object({
  user: z.object({
    team_id: z.string().optional(),
    name: z.string().optional(),
    real_name: z.string().optional(),
    profile: z
      .object({ real_name: z.string().optional(), display_name: z.string().optional() })
      .optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_app_user: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    /** In Enterprise Grid, an account has a home and belongs to many workspaces. */
    enterprise_user: z.object({ teams: z.array(z.string()).optional() }).optional(),
  }),
});
type User = z.infer<typeof UserInfo>['user'];

export function openPeople(given: {
  readonly web: Web;
  readonly people: Readonly<Record<PersonId, DrawnPerson>>;
  /** The workspace that this Backout belongs to. */
  readonly team: () => Promise<string>;
  readonly now: () => number;
}): PeopleOfSlack {
  const known = new Map<string, Known>();

  const ask = async (user: string): Promise<Seen> => {
    const answer = await call(given.web, 'users.info', { args: { user }, shape: UserInfo });
    if (answer.state === 'refused' && answer.error.startsWith('user_not_')) {
      const nobody = { standing: 'foreign', isShared: false, name: user, at: given.now() } as const;
      return { state: 'known', known: nobody };
    }
    if (answer.state === 'refused' && answer.error !== 'unknown_method') {
      return { state: 'refused', error: answer.error };
    }
    if (answer.state !== 'done') return { state: 'silent' };
    const team = await given.team();
    const isShared = answer.value.user.enterprise_user?.teams?.includes(team) === true;
    const found = {
      standing: standingOf(answer.value.user, { team, isShared }),
      isShared,
      name: nameOf(answer.value.user) ?? user,
      at: given.now(),
    };
    if (known.size >= ENTRIES_MAX) known.clear();
    known.set(user, found);
    return { state: 'known', known: found };
  };

  const look = async (user: string, fresh: boolean): Promise<Seen> => {
    const remembered = known.get(user);
    const ageMs = remembered === undefined ? Infinity : given.now() - remembered.at;
    if (!fresh && remembered !== undefined && ageMs < FRESH_MS) {
      return { state: 'known', known: remembered };
    }
    const asked = await within(
      ask(user).catch(() => null),
      PATIENCE_MS,
    );
    if (asked !== null && asked.state !== 'silent') return asked;
    return remembered !== undefined && ageMs < STALE_MAX_MS
      ? { state: 'silent', known: remembered }
      : { state: 'silent' };
  };

  return {
    person: async ({ user, team }, { fresh }) => {
      const listed = Object.entries(given.people).find(([, one]) => one.slack.includes(user));
      const id = listed?.[0] ?? `slack:${user}`;
      const seen = await look(user, fresh);
      const account = seen.state === 'refused' ? undefined : seen.known;
      const name = listed?.[1].name ?? account?.name ?? user;
      const isOurs = account?.isShared === true || team === (await given.team());
      const ours = (standing: Standing): Standing => (isOurs ? standing : 'foreign');
      switch (seen.state) {
        case 'known':
          return { id, name, standing: ours(seen.known.standing) };
        case 'refused': {
          const doubt = { kind: 'unseen', error: seen.error } as const;
          return { id, name, standing: ours('unknown'), doubt };
        }
        case 'silent': {
          const standing = ours(seen.known?.standing ?? unanswered(listed !== undefined));
          return { id, name, standing, doubt: { kind: 'unchecked' } };
        }
      }
    },
  };
}

/**
 * Slack is silent about what the account is. Whoever the configuration lists by this account was let in by its
 * owners, and a deactivated account cannot press anything: they can still act while half of Slack is away.
 */
function unanswered(isListed: boolean): Standing {
  return isListed ? 'member' : 'unknown';
}

function standingOf(
  user: User,
  ours: { readonly team: string; readonly isShared: boolean },
): Standing {
  if (user.deleted === true) return 'deactivated';
  if (user.is_bot === true) return 'bot';
  if (user.is_stranger === true) return 'foreign';
  if (!ours.isShared && user.team_id !== undefined && user.team_id !== ours.team) return 'foreign';
  if (user.is_restricted === true || user.is_ultra_restricted === true) return 'guest';
  return 'member';
}

function nameOf(user: User): string | undefined {
  const names = [
    user.profile?.display_name,
    user.profile?.real_name,
    user.real_name,
    user.name,
  ] as const;
  return names.find((name) => name !== undefined && name !== '');
}

/** Null when it takes longer; what was asked goes on and is remembered for the next time. */
export async function within<Value>(
  work: Promise<Value | null>,
  limitMs: number,
): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
