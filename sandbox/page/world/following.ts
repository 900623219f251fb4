/** Keeps the page in step with the workspace and the demo. */
import type { Acts } from './acts.ts';
import { SINCE, answersBelow, joinedBetween, newsBetween } from './news.ts';
import type { Keeper, Page } from './page.ts';
import type { Route } from './route.ts';
import { writtenRoute } from './route.ts';
import * as server from './server.ts';
import type { Workspace } from './workspace.ts';
import { isMember, players } from './workspace.ts';

const DEMO_EVERY_MS = 1000;
const AGAIN_AFTER_MS = 1500;
const RATES_MAX = 90;
/** The name that the stand-in gives an app unless told otherwise: it sees who is there. */
const APP = 'U0BACKOUT';

/** The first channel of theirs, where a channel is missing or cannot be seen by this person. */
function settled(route: Route, workspace: Workspace): Route {
  const me = workspace.me.id;
  if (workspace.channels.some(({ id }) => id === route.channel)) return { ...route, me };
  const rooms = workspace.channels.filter((one) => one.kind !== 'im');
  const first = rooms.find((one) => isMember(one, me)) ?? rooms[0];
  return { me, channel: first?.id ?? '', thread: null };
}

/** While the story is told, the page goes where it goes: into a channel that was just made. */
function followed(route: Route, before: Workspace, { demo, demoAsked, workspace }: Page): Route {
  const isPlaying = demo?.story === 'playing' || demoAsked === 'watch';
  const made = workspace === null ? undefined : joinedBetween(before, workspace).at(-1);
  if (!isPlaying || made === undefined) return route;
  return { ...route, channel: made, thread: null };
}

function sinceOf({ seen }: Page, { messages }: Workspace): string {
  const newest = Object.values(messages).map((all) => all.at(-1)?.ts ?? '');
  return seen[SINCE] ?? newest.sort().at(-1) ?? '';
}

function take(keeper: Keeper, acts: Acts, workspace: Workspace): void {
  const { workspace: before, route, isReadingBack } = keeper.page();
  const isSame = before?.me.id === workspace.me.id;
  // Somebody else may be looking by now.
  if (route.me !== '' && route.me !== workspace.me.id) return;
  keeper.change((page) => ({
    workspace,
    link: 'there',
    seen: { ...page.seen, [SINCE]: sinceOf(page, workspace) },
  }));
  const now = settled(route, workspace);
  const next = isSame ? followed(now, before, keeper.page()) : now;
  if (writtenRoute(next) !== writtenRoute(route)) {
    history.replaceState(null, '', writtenRoute(next));
    keeper.change(() => ({ route: next }));
  }
  if (!isSame) return;
  const below = isReadingBack ? answersBelow(before, workspace, next) : [];
  for (const news of [...newsBetween(before, workspace, next), ...below]) acts.toast(news);
}

/** Whoever comes without a name looks through the eyes of the first person there. */
async function firstView(): Promise<Workspace | null> {
  const anybody = (await server.readState(APP)) ?? (await server.readState(''));
  const [first] = anybody === null ? [] : players(anybody);
  return first === undefined ? null : server.readState(first.id);
}

/** Returns what reads the workspace again; calls that come meanwhile are one more reading. */
export function readingWorkspace(keeper: Keeper, acts: () => Acts): () => void {
  let isReading = false;
  let isWanted = false;
  const read = async (): Promise<void> => {
    const { me } = keeper.page().route;
    const own = me === '' ? null : await server.readState(me);
    if (own === null) keeper.change(({ route }) => ({ route: { ...route, me: '' } }));
    const workspace = own ?? (await firstView());
    if (workspace !== null) take(keeper, acts(), workspace);
  };
  const readOn = async (): Promise<void> => {
    isWanted = true;
    if (isReading) return;
    isReading = true;
    while (isWanted) {
      isWanted = false;
      try {
        await read();
      } catch {
        keeper.change(() => ({ link: 'lost' }));
        setTimeout(() => void readOn(), AGAIN_AFTER_MS);
      }
    }
    isReading = false;
  };
  return () => void readOn();
}

/** Looks at the demo each second; a stand-in without one is asked only once. */
export async function watchDemo({ change }: Pick<Keeper, 'change'>): Promise<void> {
  const demo = await server.readDemoState();
  if (demo === 'none') return;
  if (demo !== null) {
    const { successRate } = demo;
    change(({ rates, demoAsked }) => ({
      demo,
      demoAsked: demoAsked === 'watch' ? 'nothing' : demoAsked,
      rates: successRate === null ? rates : [...rates, successRate].slice(-RATES_MAX),
    }));
  }
  setTimeout(() => void watchDemo({ change }), DEMO_EVERY_MS);
}
