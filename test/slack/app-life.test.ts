import { describe, expect, test } from 'vitest';
import type { Handle } from '../../src/handle.ts';
import { openOffice, TALK } from './support/office.ts';
import { aSubmission } from './support/submission.ts';

describe('a socket', () => {
  test.each(['cut', 'refresh_requested'] as const)(
    'that is lost (%s) is there again at once',
    async (how) => {
      const office = await openOffice({ mode: 'socket' });
      try {
        if (how === 'cut') office.slack.sockets.cut();
        else office.slack.sockets.disconnect(how);
        await office.slack.until(() => office.slack.sockets.count() === 0);
        await office.slack.until(() => office.slack.sockets.count() === 1, { timeoutMs: 2_000 });
        const seen = await office.slack.as('U0ANNA').command(TALK, '/rollback');
        expect(seen).toMatchObject({ saw: 'ephemeral' });
      } finally {
        await office.close();
      }
    },
  );

  test('that Slack does not give again for a while is there when it does', async () => {
    const office = await openOffice({ mode: 'socket' });
    try {
      office.slack.faults.add({ method: 'apps.connections.open', times: 3, kind: 'http-500' });
      office.slack.sockets.cut();
      await office.slack.until(() => office.slack.sockets.count() === 0);
      await office.slack.until(() => office.slack.sockets.count() === 1);
    } finally {
      await office.close();
    }
  });

  test('for which the token is wrong is said in words', async () => {
    await expect(openOffice({ mode: 'socket', appToken: 'xapp-wrong' })).rejects.toThrow(
      'Slack does not take SLACK_APP_TOKEN (invalid_auth)',
    );
  });
});

/** A store that does not answer before it is released. */
function held(): { readonly release: () => void; readonly handle: (real: Handle) => Handle } {
  const gate = Promise.withResolvers<void>();
  return {
    release: gate.resolve,
    handle: (real) => async (request) => {
      await gate.promise;
      return real(request);
    },
  };
}

describe('a slow store', () => {
  test('the form opens at once and is completed when it is known what is on it', async () => {
    const { release, handle } = held();
    const office = await openOffice({ handle });
    try {
      await office.slack.as('U0ANNA').command(TALK, '/rollback', 'start');
      const waiting = await office.slack.until(() => office.slack.view('U0ANNA'));
      expect(JSON.stringify(waiting.blocks)).toContain('Looking it up');
      release();
      const form = await office.slack.until(() => {
        const view = office.slack.view('U0ANNA');
        return view !== null && view.hash !== waiting.hash && view;
      });
      expect(form.callback_id).toBe('start');
      expect(form.id).toBe(waiting.id);
    } finally {
      await office.close();
    }
  });

  test('Slack has an answer in time although nothing was decided yet', async () => {
    const { release, handle } = held();
    const office = await openOffice({ handle });
    try {
      const seen = await office.slack
        .as('U0ANNA')
        .command(TALK, '/rollback', 'start auth it fails');
      expect(seen).toMatchObject({ saw: 'ephemeral' });
      expect(office.slack.ephemerals('U0ANNA').at(-1)?.text).toContain('Not confirmed yet');
      release();
      await office.slack.until(() =>
        office.slack.ephemerals('U0ANNA').at(-1)?.text.includes('INC-1'),
      );
    } finally {
      await office.close();
    }
  });

  test('a form without fields is not taken away without a word', async () => {
    const { release, handle } = held();
    const office = await openOffice({ handle });
    try {
      const payload = aSubmission({ verb: 'start', blocks: [] });
      const outcome = await office.slack.hand({
        kind: 'interactive',
        type: 'view_submission',
        payload,
      });
      expect(outcome).toMatchObject({
        kind: 'acked',
        ack: { type: 'json', value: { response_action: 'update' } },
      });
      expect(JSON.stringify(outcome)).toContain('Not confirmed yet');
    } finally {
      release();
      await office.close();
    }
  });

  test('a stop waits for what has come in', async () => {
    const { release, handle } = held();
    const office = await openOffice({ handle });
    const seen = office.slack.as('U0ANNA').command(TALK, '/rollback', 'start auth it fails');
    await office.slack.until(() => office.slack.calls().some((one) => one.method === 'users.info'));
    const stopped = office.app.stop();
    release();
    expect(await seen).toMatchObject({ saw: 'ephemeral' });
    await stopped;
    expect((await office.newest()).sentence).toBe('it fails');
    await office.slack.close();
  });
});

describe('while Slack has trouble', () => {
  test('a mention whose public answer was lost is answered to its person, if need be later', async () => {
    const office = await openOffice();
    await office.open();
    const lost = { times: 1, kind: 'http-500' } as const;
    office.slack.faults.add({ method: 'chat.postMessage', ...lost });
    office.slack.faults.add({ method: 'chat.postEphemeral', ...lost });
    office.slack.as('U0ANNA').say(TALK, '<@U0BACKOUT> note it is the index');
    await office.slack.until(() =>
      office.slack.ephemerals('U0ANNA').at(-1)?.text.includes('Noted in'),
    );
    await office.close();
  });
});
