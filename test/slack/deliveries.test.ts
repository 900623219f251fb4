import { describe, expect, test } from 'vitest';
import { signature } from '../../sandbox/slack/delivery/http.ts';
import type { JsonObject } from '../../sandbox/slack/json.ts';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import type { Office } from './support/office.ts';
import { aWorkspace, openOffice, TALK, TEAM } from './support/office.ts';
import { aSubmission } from './support/submission.ts';

const MODES = ['http', 'socket'] as const;

async function inOffice(
  given: Parameters<typeof openOffice>[0],
  story: (office: Office) => Promise<void>,
): Promise<void> {
  const office = await openOffice(given);
  try {
    await story(office);
  } finally {
    await office.close();
  }
}

/** What was delivered last, to be delivered again. */
function lastDelivery(slack: StandInSlack): {
  readonly kind: 'slash' | 'interactive' | 'event';
  readonly type: string;
  readonly payload: JsonObject;
} {
  const last = slack.deliveries().at(-1);
  if (last === undefined) throw new Error('nothing was delivered');
  return { kind: last.kind, type: last.type, payload: last.payload };
}

async function again(slack: StandInSlack): Promise<void> {
  const outcome = await slack.hand({
    ...lastDelivery(slack),
    attempt: 1,
    retryReason: 'http_timeout',
  });
  expect(outcome.kind).toBe('acked');
}

describe.each(MODES)('over %s', (mode) => {
  test('what Slack delivers twice is answered once, also by two bots', async () => {
    await inOffice({ mode }, async (office) => {
      const { slack } = office;
      const another = await office.joinedByAnother();
      await office.open();
      const anna = slack.as('U0ANNA');

      const asked = anna.say(TALK, '<@U0BACKOUT> status');
      await slack.until(() => slack.thread(TALK, asked.ts).length === 2);
      await again(slack);
      anna.say(TALK, '<@U0BACKOUT> staus');
      await slack.until(() => slack.ephemerals('U0ANNA').length === 1);
      await again(slack);
      await anna.command(TALK, '/rollback', 'note');
      const form = await slack.until(() => slack.view('U0ANNA'), { what: 'a form' });
      await anna.submit(form.id, { text: 'it is the index' });
      await again(slack);

      await Promise.all([office.app.stop(), another.stop()]);
      expect(slack.thread(TALK, asked.ts)).toHaveLength(2);
      expect(slack.ephemerals('U0ANNA').map(({ text }) => text)).toEqual([
        expect.stringContaining('staus'),
        expect.stringContaining('Noted in'),
      ]);
    });
  });

  test('forms and buttons work where the app is installed for a whole organisation', async () => {
    const { app, users } = aWorkspace();
    const workspace = {
      app: { ...app, isOrgWide: true },
      users: users.map((one) => ({ ...one, teams: ['T0HOME', TEAM] })),
    };
    await inOffice({ mode, workspace }, async ({ slack, newest }) => {
      const anna = slack.as('U0ANNA');
      await anna.command(TALK, '/rollback', 'start');
      const form = await slack.until(() => slack.view('U0ANNA'), { what: 'a form' });
      const sent = await anna.submit(form.id, { sentence: 'Logins fail' });
      expect(sent).toMatchObject({ saw: 'closed' });
      expect(await newest()).toMatchObject({ openedBy: 'anna' });
      const told = await slack.until(() => slack.ephemerals('U0ANNA').at(-1));
      await anna.clickEphemeral(TALK, told.ts, 'plan');
      await slack.until(() => slack.ephemerals('U0ANNA').length === 2);
    });
  });

  test('what cannot be read is said, and a form stays open', async () => {
    await inOffice({ mode }, async (office) => {
      const { slack } = office;
      const nobody = { team: null, enterprise: null, user: { id: 'U0ANNA' } };
      const field = { type: 'input', block_id: 'sentence' };
      for (const [blocks, shown] of [
        [[field], { response_action: 'errors', errors: {} }],
        [[], { response_action: 'update' }],
      ] as const) {
        const payload = { ...aSubmission({ verb: 'start', blocks }), ...nobody };
        const outcome = await slack.hand({ kind: 'interactive', type: 'view_submission', payload });
        expect(outcome).toMatchObject({ kind: 'acked', ack: { type: 'json', value: shown } });
        expect(JSON.stringify(outcome)).toContain('nothing was done');
      }
      const anna = slack.as('U0ANNA');
      await anna.command(TALK, '/rollback');
      await anna.clickEphemeral(TALK, slack.ephemerals('U0ANNA').at(-1)?.ts ?? '', 'start');
      const pressed = lastDelivery(slack);
      await slack.hand({ ...pressed, payload: { ...pressed.payload, ...nobody } });
      await slack.until(() => slack.ephemerals('U0ANNA').at(-1)?.text.includes('nothing was done'));
    });
  });

  test('what nobody listens to is acknowledged at once', async () => {
    await inOffice({ mode }, async ({ slack }) => {
      for (const type of ['view_closed', 'shortcut', 'message_action', 'block_suggestion', 'new']) {
        const payload = { ...aSubmission({ verb: 'start', blocks: [] }), type, callback_id: 'x' };
        const outcome = await slack.hand({ kind: 'interactive', type, payload });
        expect(outcome).toMatchObject({ kind: 'acked', ack: { type: 'empty' } });
        expect(outcome.kind === 'acked' ? outcome.ackMs : Infinity).toBeLessThan(1_000);
      }
    });
  });

  test('a private answer to a mention stands where the mention does', async () => {
    await inOffice({ mode }, async ({ slack }) => {
      const anna = slack.as('U0ANNA');
      const { ts } = anna.say(TALK, '<@U0BACKOUT> staus');
      const shown = await slack.until(() => slack.ephemerals('U0ANNA').at(-1));
      expect(shown.thread_ts).toBeUndefined();
      anna.say(TALK, '<@U0BACKOUT> staus', { threadTs: ts });
      await slack.until(() => slack.ephemerals('U0ANNA').at(-1)?.thread_ts === ts);
    });
  });
});

describe('a body', () => {
  async function post(office: Office, type: string, body: string): Promise<Response> {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    return fetch(office.address ?? '', {
      method: 'POST',
      body,
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signature(office.slack.signingSecret, timestamp, body),
      },
    });
  }
  const FORM = 'application/x-www-form-urlencoded';

  test('is read whatever else its content type says', async () => {
    await inOffice({}, async (office) => {
      await office.slack.as('U0ANNA').command(TALK, '/rollback', 'help');
      const typed = new URLSearchParams();
      for (const [name, value] of Object.entries(lastDelivery(office.slack).payload)) {
        if (typeof value === 'string') typed.set(name, value);
      }
      const answer = await post(office, `${FORM};charset=UTF-8`, typed.toString());
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ response_type: 'ephemeral' });
      const unsigned = await fetch(office.address ?? '', { method: 'POST', body: typed });
      expect(unsigned.status).toBe(401);
    });
  });

  test.each([
    [FORM, 'payload=null'],
    [FORM, 'payload=7'],
    ['application/json', 'null'],
  ])('that says nothing (%s: %s) is refused, and the bot goes on', async (type, body) => {
    await inOffice({}, async (office) => {
      expect((await post(office, type, body)).status).toBe(400);
      const seen = await office.slack.as('U0ANNA').command(TALK, '/rollback');
      expect(seen).toMatchObject({ saw: 'ephemeral' });
    });
  });

  test('that no event is in does not end a bot over a socket', async () => {
    await inOffice({ mode: 'socket' }, async ({ slack }) => {
      void slack.hand({ kind: 'event', type: 'app_mention', payload: {} });
      const seen = await slack.as('U0ANNA').command(TALK, '/rollback');
      expect(seen).toMatchObject({ saw: 'ephemeral' });
    });
  });
});
