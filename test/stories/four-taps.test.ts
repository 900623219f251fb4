import { expect, test } from 'vitest';
import { aStory } from '../support/story.ts';

test('four taps take a broken database back: start, approve, approve, close', async () => {
  await using story = await aStory({ target: { policy: { archive_after_minutes: 0.02 } } });

  await story.anna.types('/rollback start auth Orders fail since the release');
  await story.ben.presses('approve');
  expect(await story.ben.answers()).toMatchObject({ saw: 'closed' });
  await story.dora.presses('approve');
  await story.record.operation('maintenance-off', 'succeeded');

  expect(await story.database.version()).toBe('3');
  expect(await story.database.columns('people')).toEqual(['id', 'email', 'name']);
  expect(story.services.state('auth-service')).toBe('running old');
  expect(story.services.state('gateway-service')).toBe('running old');
  expect(story.services.isInMaintenance()).toBe(false);

  await story.anna.presses('close');
  await story.record.until('the archive', ({ channel }) => channel.state === 'archived');
  console.log(story.slack.transcript());
});
