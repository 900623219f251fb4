/** What most stories begin with. */
import { expect } from 'vitest';
import type { Story } from '../story.ts';
import { migrate } from './database.ts';

const SENTENCE = 'Orders fail since the release';

/** Anna opens an incident; gives when there is something to approve. */
export async function annaStarts(story: Story): Promise<void> {
  const seen = await story.anna.types(`/rollback start auth ${SENTENCE}`);
  expect(seen).toMatchObject({ saw: 'ephemeral' });
  await story.record.until('a plan', ({ plan }) => plan);
}

/** Ben turns the first key: the form that comes has the open items, ticked. */
export async function benApproves(story: Story): Promise<void> {
  await story.ben.presses('approve');
  expect(await story.ben.answers()).toMatchObject({ saw: 'closed' });
}

/** Ben turns the first key and Dora the second. */
export async function bothApprove(story: Story): Promise<void> {
  await benApproves(story);
  await story.dora.presses('approve');
}

/** The run is over, well or not: everything that was stopped is back. */
export async function isOver(story: Story): Promise<void> {
  await story.record.operation('maintenance-off', 'succeeded');
}

/** Somebody uses the team's tool beside us. */
export async function somebodyMigrates(story: Story, words: readonly string[]): Promise<void> {
  await migrate(story.database.url, story.migrations.path, words);
}
