/** What can be pressed on the demo's page: the story played live, the world broken again, the pager answered. */
import { PEOPLE } from '../world/backout-config.ts';
import { HARMFUL_VERSION } from '../world/database.ts';
import { nothingPlayed, stateOf, stillStarting, WAITING, type Playing } from './band.ts';
import { dump } from './dump.ts';
import { lockOf } from './lock.ts';
import type { Deed, DemoDesk } from './routes.ts';
import type { Stage } from './stage.ts';
import { playRollback } from './story.ts';
import type { Terminal } from './terminal.ts';
import { pause, StoryEnded } from './waiting.ts';

const BREATH_MS = 2_000;

export function openDesk(stageNow: () => Stage | null, terminal: Terminal): DemoDesk {
  const playing = nothingPlayed();
  return {
    async state() {
      const stage = stageNow();
      return stage === null ? stillStarting() : stateOf(stage, playing);
    },
    watch: () =>
      alone(stageNow(), playing, async (stage) => {
        playing.story = 'playing';
        playing.said = 'The story begins.';
        void play({ ...stage, terminal }, playing);
        return { ok: true };
      }),
    breakAgain: () =>
      alone(stageNow(), playing, async (stage) => {
        await breakIt(stage, playing);
        playing.story = 'idle';
        return { ok: true };
      }),
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

/** Nothing is awaited before it is known that a press is the only one: a double click does it once. */
async function alone(
  stage: Stage | null,
  playing: Playing,
  deed: (stage: Stage) => Promise<Deed>,
): Promise<Deed> {
  if (stage === null) return refused(WAITING);
  if (playing.story === 'playing') return refused('The story is being told. Wait for its end.');
  if (playing.isBreaking) return refused('It is being broken right now. One moment.');
  if (playing.isAsked) return refused('It was pressed a moment ago. One moment.');
  playing.isAsked = true;
  try {
    const no = await whyNot(stage);
    return no === null ? await deed(stage) : refused(no);
  } finally {
    playing.isAsked = false;
  }
}

function refused(saw: string): Deed {
  return { ok: false, saw };
}

/** Why neither the story can begin nor the world be broken now. */
async function whyNot({ bot }: Stage): Promise<string | null> {
  const lock = await lockOf(bot.url());
  if (lock === null) return 'Backout does not answer right now. Try again in a moment.';
  if (!lock.locked) return null;
  return `${lock.incident ?? 'An incident'} is still open for auth. Close it first: /rollback close in its channel.`;
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
    say('That was it: the post-mortem is in the channel.');
  } catch (error) {
    say(`The story stopped. ${error instanceof Error ? error.message : String(error)}`);
    // What somebody decided is no failure that has to be looked into.
    if (!(error instanceof StoryEnded)) dump(stage, stage.terminal);
    stage.terminal.line(`\n${playing.said}`);
  } finally {
    playing.leftOpen = (await lockOf(stage.bot.url()))?.incident ?? null;
    playing.story = 'ended';
  }
}

/** The pager knows roles; somebody of that role answers. */
function whoAnswers(called: string): string {
  const own = Object.entries(PEOPLE).find(([name]) => name === called);
  if (own !== undefined) return own[1].name;
  return called.includes('administrator') ? PEOPLE.dora.name : PEOPLE.anna.name;
}
