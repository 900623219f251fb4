import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import type { Office } from './support/office.ts';
import { event } from '../../src/incident/events.ts';
import { refuse } from '../../src/incident/refusal.ts';
import { aTarget } from '../support/targets.ts';
import { drawnBy, ELSEWHERE, openOffice, TALK } from './support/office.ts';

function lastFor(slack: StandInSlack, user: string): string {
  const shown = slack.ephemerals(user).at(-1);
  return JSON.stringify(shown?.blocks ?? shown?.text ?? '');
}

describe.each(['http', 'socket'] as const)('over %s', (mode) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({ mode });
  });
  afterAll(() => office.close());

  test('a bare command shows the panel to its person alone', async () => {
    const seen = await office.slack.as('U0ANNA').command(TALK, '/rollback');
    expect(seen).toMatchObject({ saw: 'ephemeral' });
    expect(lastFor(office.slack, 'U0ANNA')).toContain('No rollback is open.');
    expect(lastFor(office.slack, 'U0ANNA')).toContain('Roll back auth');
  });

  test('an unknown word suggests the nearest verb', async () => {
    await office.slack.as('U0ANNA').command(TALK, '/rollback staus');
    await office.slack.as('U0ANNA').command(TALK, '/rollback', 'staus');
    expect(lastFor(office.slack, 'U0ANNA')).toContain('/rollback status');
  });

  test('a missing word opens a form, and the form opens the incident', async () => {
    const anna = office.slack.as('U0ANNA');
    await anna.command(TALK, '/rollback', 'start');
    const form = await office.slack.until(() => office.slack.view('U0ANNA'), { what: 'a form' });
    expect(form.callback_id).toBe('start');

    const sent = await anna.submit(form.id, { sentence: 'Logins fail' });
    expect(sent).toMatchObject({ saw: 'closed' });
    const incident = await office.newest();
    expect(incident).toMatchObject({ sentence: 'Logins fail', openedBy: 'anna', saidIn: TALK });
    await office.slack.until(() => lastFor(office.slack, 'U0ANNA').includes(incident.id));
  });

  test('a mention in a thread is answered in that thread', async () => {
    const parent = office.slack.as('U0BEN').say(TALK, 'what is going on?');
    office.slack.as('U0BEN').say(TALK, '<@U0BACKOUT> status', { threadTs: parent.ts });
    const answer = await office.slack.until(() =>
      office.slack.thread(TALK, parent.ts).find((one) => one.bot_id !== undefined),
    );
    expect(JSON.stringify(answer.blocks)).toContain('INC-1');
  });

  test('what a mention may not do is told to its person alone', async () => {
    office.slack.as('U0GUS').say(TALK, '<@U0BACKOUT> note hello');
    const shown = await office.slack.until(() => office.slack.ephemerals('U0GUS').at(-1));
    expect(shown.text).toContain('you are a guest');
  });

  test('somebody of another workspace is refused', async () => {
    office.slack.as('U0ZOE').say(TALK, '<@U0BACKOUT> note hello');
    const shown = await office.slack.until(() => office.slack.ephemerals('U0ZOE').at(-1));
    expect(shown.text).toContain('you belong to another workspace');
  });

  test('everything was acknowledged well within the three seconds', () => {
    expect(office.slack.deliveries().every((one) => one.outcome === 'acked')).toBe(true);
    expect(Math.max(...office.acknowledgedMs)).toBeLessThan(2_700);
  });
});

describe('when Slack does not tell who somebody is', () => {
  test('nobody decides while it refuses, and they are told what to do about it', async () => {
    const office = await openOffice();
    const id = await office.open();
    await office.prepare(id);
    const fault = {
      method: 'users.info',
      times: 99,
      kind: 'error',
      error: 'missing_scope',
    } as const;
    office.slack.faults.add(fault);
    office.slack.setUserKind('U0ANNA', 'guest');
    await office.slack.as('U0ANNA').command(TALK, '/rollback', 'approve all-done');
    const { say } = refuse('account-unseen', { error: 'missing_scope' });
    expect(lastFor(office.slack, 'U0ANNA')).toContain(say);
    expect(lastFor(office.slack, 'U0ANNA')).toContain('users:read');
    expect((await office.newest()).approvals).toEqual([]);
    await office.close();
  });

  test('those who are configured decide while it is silent, and the answer says so', async () => {
    const office = await openOffice();
    const id = await office.open();
    await office.prepare(id);
    office.slack.faults.add({ method: 'users.info', times: 99, kind: 'http-500' });
    await office.slack.as('U0ANNA').command(TALK, '/rollback', 'approve all-done');
    expect((await office.newest()).approvals).toMatchObject([{ by: 'anna' }]);
    expect(lastFor(office.slack, 'U0ANNA')).toContain('that was not checked');
    await office.close();
  });
});

describe('an incident without any place', () => {
  test('is told to whoever started it, and is worked from private answers', async () => {
    const office = await openOffice();
    const { slack } = office;
    const refused = { kind: 'error', times: 99 } as const;
    slack.faults.add({ method: 'conversations.create', error: 'restricted_action', ...refused });
    slack.faults.add({ method: 'chat.postMessage', error: 'not_in_channel', ...refused });
    const anna = slack.as('U0ANNA');
    await anna.command(ELSEWHERE, '/rollback', 'start auth logins fail');
    const { id } = await office.newest();
    await drawnBy(office);
    const why = 'This workspace does not let apps make channels.';
    await slack.until(() => lastFor(slack, 'U0ANNA').includes(why));
    await office.prepare(id);
    for (const words of ['', 'status']) {
      await slack.as('U0DORA').command(ELSEWHERE, '/rollback', words);
      expect(lastFor(slack, 'U0DORA')).toContain(why);
      expect(lastFor(slack, 'U0DORA')).toContain('"approve"');
    }
    await office.close();
  });
});

describe('answers', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.close());

  test('a refused form stays open, with the reason under its field', async () => {
    const anna = office.slack.as('U0ANNA');
    const id = await office.open();
    await office.prepare(id);
    await anna.command(TALK, '/rollback', 'approve');
    const form = await office.slack.until(() => office.slack.view('U0ANNA'), { what: 'a form' });
    const seen = await anna.submit(form.id, { done: ['2.1'] });
    expect(seen).toMatchObject({ saw: 'errors', by: 'app' });
    expect(seen.saw === 'errors' ? seen.errors['done'] : '').toContain('still open');
    expect(office.slack.view('U0ANNA')?.id).toBe(form.id);

    const again = await anna.submit(form.id);
    expect(again).toMatchObject({ saw: 'errors' });
    await anna.closeView(form.id);
  });

  test('the open items of an approval come as boxes, all ticked', async () => {
    const ben = office.slack.as('U0BEN');
    await ben.command(TALK, '/rollback', 'approve');
    const form = await office.slack.until(() => office.slack.view('U0BEN'), { what: 'a form' });
    const seen = await ben.submit(form.id);
    expect(seen).toMatchObject({ saw: 'closed' });
    const incident = await office.newest();
    expect(incident.approvals).toMatchObject([{ by: 'ben', role: 'on_call', state: 'given' }]);
  });

  test('an answer reaches its person also where the bot is no member', async () => {
    const dora = office.slack.as('U0DORA');
    await dora.command(ELSEWHERE, '/rollback', 'note');
    const form = await office.slack.until(() => office.slack.view('U0DORA'), { what: 'a form' });
    await dora.submit(form.id, { text: 'it is the index' });
    const shown = await office.slack.until(() => office.slack.ephemerals('U0DORA').at(-1));
    expect(shown).toMatchObject({ channel: ELSEWHERE });
    expect(shown.text).toContain('Noted in');
  });

  test('a button answers its person alone, and an old one is refused kindly', async () => {
    const dev = office.slack.as('U0DEV');
    const { id } = await office.newest();
    await dev.command(TALK, '/rollback', `plan ${id}`);
    const shown = office.slack.ephemerals('U0DEV').at(-1);
    expect(JSON.stringify(shown?.blocks)).toContain('"decline"');
    await dev.clickEphemeral(TALK, shown?.ts ?? '', 'decline');
    const form = await office.slack.until(() => office.slack.view('U0DEV'), { what: 'a form' });
    await dev.submit(form.id, { why: 'not tonight' });
    await office.slack.until(() => lastFor(office.slack, 'U0DEV').includes('declined'));

    office.slack.as('U0DORA2');
    await dev.clickEphemeral(TALK, shown?.ts ?? '', 'approve');
    await office.slack.until(() => office.slack.view('U0DEV') ?? lastFor(office.slack, 'U0DEV'));
  });

  test('one human with two accounts is one person', async () => {
    await office.slack.as('U0DORA2').command(TALK, '/rollback', 'note from my second account');
    const { notes } = await office.newest();
    expect(notes.at(-1)?.by).toEqual({ kind: 'person', person: 'dora' });
  });

  test('an account that was deactivated a moment ago turns no key', async () => {
    const ben = office.slack.as('U0BEN');
    office.slack.setUserKind('U0BEN', 'guest');
    await ben.command(TALK, '/rollback', 'abort');
    expect(lastFor(office.slack, 'U0BEN')).toContain('you are a guest');
    office.slack.setUserKind('U0BEN', 'member');
  });

  test('when the trigger of a form has run out, the person is told what to type', async () => {
    const pat = office.slack.as('U0PAT');
    office.slack.faults.add({
      method: 'views.open',
      times: 1,
      kind: 'error',
      error: 'expired_trigger_id',
    });
    await pat.command(TALK, '/rollback', 'note');
    const shown = await office.slack.until(() => office.slack.ephemerals('U0PAT').at(-1));
    expect(shown.text).toContain('/rollback note <text>'.replaceAll('<', '&lt;').slice(0, 14));
    await pat.clickEphemeral(TALK, shown.ts, 'note');
    await office.slack.until(() => office.slack.view('U0PAT'), { what: 'the form after all' });
  });
});

describe('a button on the card', () => {
  test('refuses whoever may not, privately, and lets whoever may', async () => {
    const office = await openOffice();
    try {
      const id = await office.open();
      await office.prepare(id);
      await drawnBy(office);
      const channel = await office.slack.until(() =>
        office.slack.channels().find((one) => one.name === 'inc-1-auth'),
      );
      const ask = office.slack
        .messages(channel.id)
        .find((one) => JSON.stringify(one.metadata)?.includes('ask:plan-1'));
      await office.slack.as('U0PAT').click(channel.id, ask?.ts ?? '', 'approve');
      await office.slack.until(() => lastFor(office.slack, 'U0PAT').includes('you are not listed'));
      expect(office.slack.ephemerals('U0PAT').at(-1)?.channel).toBe(channel.id);
      expect(office.slack.view('U0PAT')).toBeNull();

      await office.slack.as('U0ANNA').click(channel.id, ask?.ts ?? '', 'approve');
      const form = await office.slack.until(() => office.slack.view('U0ANNA'));
      expect(form.callback_id).toBe('approve');
    } finally {
      await office.close();
    }
  });

  test('answers also when the address that Slack gave for it does not work', async () => {
    const office = await openOffice();
    try {
      await office.open();
      const anna = office.slack.as('U0ANNA');
      await anna.command(TALK, '/rollback');
      const panel = office.slack.ephemerals('U0ANNA').at(-1);
      office.slack.faults.add({ method: 'response_url', times: 1, kind: 'http-500' });
      await anna.clickEphemeral(TALK, panel?.ts ?? '', 'status');
      await office.slack.until(() => lastFor(office.slack, 'U0ANNA').includes('INC-1 · auth'));
      expect(office.slack.calls().at(-1)?.method).toBe('chat.postEphemeral');
    } finally {
      await office.close();
    }
  });
});

describe('a choice in a form', () => {
  test('brings what depends on it, and leaves what was typed', async () => {
    const office = await openOffice({ targets: [aTarget(), aTarget({ name: 'billing' })] });
    try {
      const id = await office.open();
      await office.prepare(id);
      const archiveAt = new Date().toISOString();
      await office.append(id, [event('incident-closed', { outcome: 'abandoned', archiveAt })]);
      const anna = office.slack.as('U0ANNA');
      await anna.command(TALK, '/rollback', 'start');
      const form = await office.slack.until(() => office.slack.view('U0ANNA'));
      expect(JSON.stringify(form.blocks)).not.toContain('suspected');
      await anna.clickView(form.id, 'start:target', { value: 'auth' });
      const after = await office.slack.until(() => {
        const view = office.slack.view('U0ANNA');
        return JSON.stringify(view?.blocks).includes('step_8') && view;
      });
      expect(after.id).toBe(form.id);
      expect(after.private_metadata).toBe(form.private_metadata);
    } finally {
      await office.close();
    }
  });
});
