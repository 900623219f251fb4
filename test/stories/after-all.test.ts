/** What surrounds a rollback: the words beside it, the calls, the second time. */
import { expect, test } from 'vitest';
import { aStory } from '../support/story.ts';
import {
  annaStarts,
  benApproves,
  bothApprove,
  isOver,
  somebodyMigrates,
} from '../support/story/chapters.ts';
import { wordsOf } from '../support/story/people.ts';

test('the second time, the schema that was reached is recognised', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await bothApprove(story);
  await isOver(story);
  await story.anna.presses('close');
  await story.anna.reads(/INC-1 is closed/);

  await somebodyMigrates(story, ['up']);
  await annaStarts(story);
  expect(await story.record.incidents()).toEqual(['INC-1', 'INC-2']);
  await story.until('the second channel', () =>
    story.slack.channels().find((one) => one.name === 'inc-2-auth'),
  );
  await bothApprove(story);
  const { says } = await story.record.operation('verify', 'succeeded');
  expect(says).toContain('the schema is exactly the one known for 3');
  await isOver(story);
});

test('an approval that nobody gives calls the people of that role', async () => {
  await using story = await aStory({ target: { policy: { approval_page_minutes: 0.02 } } });
  await annaStarts(story);
  await benApproves(story);
  await story.record.until('the call', ({ pages }) =>
    pages.find((one) => one.role === 'dba' && one.reason.includes('approval')),
  );
  await story.until('the pager to ring', () => story.pager.calls().length >= 2);
  await story.dora.presses('approve');
  await isOver(story);
});

test('what is said beside the rollback is kept, and told in the history and the post-mortem', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await story.pat.types('/rollback note The queue is drained by hand');
  await story.anna.types(
    '/rollback edit impact="Nobody can pay" why="The release cannot be undone alone"',
  );
  await story.ben.types('/rollback check 2.2 done Nothing was written to the new column');
  await story.ben.types('/rollback contacts');
  await story.ben.reads(/Emergency contacts of auth/);
  await story.ben.types('/rollback history');
  await story.ben.reads(/The queue is drained by hand/);
  await story.ben.presses('approve');
  const form = await story.ben.form();
  expect(JSON.stringify(form.blocks)).not.toContain('2.2');
  await story.ben.answers();
  await story.dora.presses('approve');
  await isOver(story);
  await story.anna.presses('close');
  await story.until('the post-mortem', () => story.slack.files()[0]);

  const text = story.slack.files()[0]?.content.toString() ?? '';
  expect(text).toContain('The queue is drained by hand');
  expect(text).toContain('Nobody can pay');
  expect(text).toContain('Nothing was written to the new column');
});

test('an incident is not closed while it runs, and with services down only for a reason', async () => {
  await using story = await aStory();
  await annaStarts(story);
  const held = story.services.hold('stop auth-service');
  story.services.refuse('start gateway-service');
  await bothApprove(story);
  await held.arrived;
  await story.anna.types('/rollback close');
  await story.anna.reads(/The rollback is running: the services are being stopped/);
  held.letGo();
  await story.hears(/The services are NOT back/);

  await story.anna.types('/rollback close rolled-back');
  await story.anna.reads(/Not all services are back.*A reason is needed/s);
  story.services.allow('start gateway-service');
  await story.ben.presses('resume');
  await isOver(story);
  expect(story.services.state('gateway-service')).toBe('running old');
  expect(story.services.orders().filter((one) => one === 'previous gateway-service')).toHaveLength(
    1,
  );
  await story.anna.types('/rollback close');
  await story.anna.reads(/INC-1 is closed: rolled back/);
});

test('a service that does not stop ends the run before the database is touched', async () => {
  await using story = await aStory();
  story.services.refuse('stop gateway-service');
  await annaStarts(story);
  await bothApprove(story);
  await isOver(story);

  expect(await story.database.version()).toBe('4');
  expect(story.services.state('auth-service')).toBe('running new');
  const asked = await story.hears(/gateway-service could not be stopped/);
  expect(wordsOf(asked)).toContain('The database was not touched');
  await story.cardSays(/everything is as it was before/);
});

test('maintenance that cannot be switched off is said loudly, and can be tried again', async () => {
  await using story = await aStory();
  story.services.refuse('maintenance off');
  await annaStarts(story);
  await bothApprove(story);
  await story.hears(/Maintenance mode is STILL ON/);
  expect(story.services.isInMaintenance()).toBe(true);

  story.services.allow('maintenance off');
  await story.ben.presses('resume');
  await isOver(story);
  expect(story.services.isInMaintenance()).toBe(false);
  expect(await story.database.version()).toBe('3');
});
