/** The happy path, and the ways of speaking. */
import { expect, test } from 'vitest';
import { checklistOf } from '../../src/incident/checklist/checklist.ts';
import { aStory } from '../support/story.ts';
import { annaStarts, benApproves, bothApprove, isOver } from '../support/story/chapters.ts';
import { HOME } from '../support/story/config.ts';
import { TALK } from '../support/story/workspace.ts';
import { wordsOf } from '../support/story/people.ts';

test('four taps take a broken database back: start, approve, approve, close', async () => {
  await using story = await aStory({ target: { policy: { archive_after_minutes: 0.05 } } });

  await story.anna.types('/rollback start auth Orders fail since the release');
  await benApproves(story);
  await story.dora.presses('approve');
  await isOver(story);
  expect(await story.database.version()).toBe('3');
  expect(await story.database.columns('people')).toEqual(['id', 'email', 'name']);
  expect(story.services.state('auth-service')).toBe('running old');
  expect(story.services.state('gateway-service')).toBe('running old');
  expect(story.services.isInMaintenance()).toBe(false);

  const channel = await story.channel();
  await story.anna.presses('close');
  await story.anna.reads(/INC-1 is closed: rolled back/);
  await story.record.until('the archive', (incident) => incident.channel.state === 'archived');
  await story.isDrawn();

  const seen = story.slack.channels().find((one) => one.id === channel);
  expect(seen).toMatchObject({ name: 'inc-1-auth', isPrivate: false, isArchived: true });
  expect(seen?.topic).toContain('Orders fail since the release');
  expect(seen?.members).toEqual(
    expect.arrayContaining(
      [story.anna, story.ben, story.dora, story.dora2, story.dev, story.pat].map((one) => one.id),
    ),
  );
  expect(seen?.pinned).toHaveLength(1);
  const [file] = story.slack.files();
  expect(file?.name).toBe('INC-1-post-mortem.md');
  expect(file?.content.toString()).toMatch(/Rolled back from 4 to 3/);
  const home = story.slack.messages(HOME).map(wordsOf);
  expect(home.filter((one) => one.includes('INC-1'))).toHaveLength(1);
  expect(home.join('\n')).toContain('rolled back');
  const incident = await story.record.incident();
  const unproven = checklistOf(incident, story.target)
    .filter(({ section }) => section <= 11)
    .flatMap((one) => one.items)
    .filter(({ standing }) => ['open', 'refuted'].includes(standing.state))
    .map(({ item }) => item.id);
  expect(unproven).toEqual(['7.1', '9.4']);
  expect(sectionsOf(story.said())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

/** The numbers of the sections that have a message. */
function sectionsOf(said: readonly string[]): readonly number[] {
  return said.flatMap((one) => {
    const number = /^\*(\d+)\. /.exec(one)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

test('over Socket Mode it goes the same way', async () => {
  await using story = await aStory({ mode: 'socket' });
  await annaStarts(story);
  await bothApprove(story);
  await isOver(story);

  expect(await story.database.version()).toBe('3');
  expect(new Set(story.slack.deliveries().map((one) => one.via))).toEqual(new Set(['socket']));
});

test('the built-in runner takes the same database back', async () => {
  await using story = await aStory({ target: { tool: 'built-in' } });
  await annaStarts(story);
  await bothApprove(story);
  await isOver(story);

  expect(await story.database.version()).toBe('3');
  expect(await story.database.columns('people')).toEqual(['id', 'email', 'name']);
  expect(story.services.state('auth-service')).toBe('running old');
});

test('a private target gets a private channel, and nobody else hears of it', async () => {
  await using story = await aStory({ target: { private: true } });
  await annaStarts(story);
  const channel = await story.channel();
  await bothApprove(story);
  await isOver(story);

  const seen = story.slack.channels().find((one) => one.id === channel);
  expect(seen?.isPrivate).toBe(true);
  expect(seen?.members).not.toContain(story.max.id);
  expect(await story.database.version()).toBe('3');
});

test('somebody who types in a hurry is told the right words', async () => {
  await using story = await aStory();
  const words = async (text: string): Promise<string> => {
    const seen = await story.anna.types(text);
    return seen.saw === 'ephemeral' ? wordsOf(seen.message) : seen.saw;
  };

  expect(await words('/rollback strat auth')).toContain('Did you mean `/rollback start`?');
  expect(await words('/rollback approve')).toContain('There is no open incident here.');
  expect(await words('/rollback start billing it is slow')).toContain('INC-1 is open for auth');
  expect(await words('/rollback check 9.9 done')).toContain('There is no item 9.9');
  expect(await words('/rollback check 4.1 done')).toContain('4.1 is proven by Backout');
  expect(await words('/rollback check 2.1 oui')).toContain('/rollback check');
  expect(await words('/rollback plan to=12')).toMatch(
    /There is no migration 12|must be read first/,
  );
  expect(await words('/rollback status INC-7')).toContain('There is no incident INC-7');
  expect(await words('/rollback')).toContain('INC-1');
  expect(await words('/rollback help')).toContain('/rollback start');
});

test('a missing sentence is asked for by a form, and the incident opens with what was put in', async () => {
  await using story = await aStory();
  await story.anna.types('/rollback start');
  expect(await story.anna.answers()).toMatchObject({ saw: 'errors', by: 'slack' });
  expect(
    await story.anna.answers({ sentence: 'Orders fail', impact: 'Nobody can pay' }),
  ).toMatchObject({ saw: 'closed' });

  const incident = await story.record.until('a plan', (one) => (one.plan ? one : null));
  expect(incident).toMatchObject({
    sentence: 'Orders fail',
    details: { impact: 'Nobody can pay' },
  });
});

test('in a thread, where slash commands do not work, a mention does', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await story.channel();
  const card = await story.hears(/^INC-1 · auth/);
  story.ben.writes('<@U0BACKOUT> status', { thread: card.ts });

  const answer = await story.until('an answer in the thread', () =>
    story.slack
      .thread(story.where(), card.ts)
      .find(
        (one) =>
          one.user === 'U0BACKOUT' && one.ts !== card.ts && /INC-1 for auth/.test(wordsOf(one)),
      ),
  );
  expect(wordsOf(answer)).toContain('The plan is ready: roll back from 4 to 3');
});

test('tables and queries that people name are kept as CSV beside the backup', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await story.anna.types(
    '/rollback back-up people query="select id, total from orders where total > 590" as large_orders',
  );
  const taken = await story.record.until('the new backup', ({ operations, rounds }) => {
    const newest = operations.findLast((one) => one.step === 'back-up');
    return newest?.round === rounds.backUp && rounds.backUp > 1 && newest.state === 'succeeded'
      ? newest
      : null;
  });
  expect(taken.result).toMatchObject({
    backup: {
      exports: [
        { name: 'people', file: 'people.csv', rows: 200, columns: ['id', 'contact', 'name'] },
        { name: 'large_orders', rows: 10, columns: ['id', 'total'] },
      ],
    },
  });
  await bothApprove(story);
  await isOver(story);
  expect(await story.database.version()).toBe('3');
});

test('the pager rings at the start, and whoever answers is shown', async () => {
  await using story = await aStory();
  story.pager.deliverTo(`http://127.0.0.1:${story.processes.ports()[0]}/pagerduty/webhook`);
  await annaStarts(story);
  await story.record.operation('page-1', 'succeeded');
  const [call] = story.pager.calls();
  expect(call).toMatchObject({ who: 'PD_DBA', severity: 'critical' });
  expect(call?.summary).toContain('Orders fail since the release');

  expect(await story.pager.acknowledge(call?.id ?? '', 'Dora Decker')).toBe(true);
  await story.record.until('the answer', ({ pages }) => pages[0]?.answers[0]);
  await story.until('that it is shown', () =>
    story.said().find((one) => one.includes('Dora Decker')),
  );
});

test('an incident that was said elsewhere is not opened twice', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await story.pat.types('/rollback start auth it is slow for me too', TALK);
  await story.pat.reads(
    /INC-1 is open for auth already, in #inc-1-auth, started by Anna.*You have joined it/s,
  );
  expect(await story.record.incidents()).toEqual(['INC-1']);
});
