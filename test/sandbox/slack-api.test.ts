import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import { ANNA, BEN, BOT, GONE, SCOPES, STRANGER, aWorkspace, call } from './slack-world.ts';

let slack: StandInSlack;

beforeEach(async () => {
  slack = await aWorkspace();
});

afterEach(async () => slack.close());

async function raw(
  path: string,
  init: { readonly type?: string; readonly token?: string; readonly body?: string } = {},
): Promise<{ readonly status: number; readonly answer: unknown }> {
  const response = await fetch(`${slack.apiUrl}${path}`, {
    method: 'POST',
    headers: {
      ...(init.type !== undefined && { 'content-type': init.type }),
      ...(init.token !== undefined && { authorization: `Bearer ${init.token}` }),
    },
    body: init.body ?? '',
  });
  const answer: unknown = await response.json();
  return { status: response.status, answer };
}

describe('a call is refused', () => {
  test('for a method that does not exist, before the token is looked at', async () => {
    expect(await raw('chat.shout')).toEqual({
      status: 200,
      answer: { ok: false, error: 'unknown_method', req_method: 'chat.shout' },
    });
  });

  test('without a token, with a wrong one, and with one in the address', async () => {
    expect(await raw('auth.test')).toMatchObject({ answer: { error: 'not_authed' } });
    expect(await raw('auth.test', { token: 'xoxb-wrong' })).toMatchObject({
      answer: { error: 'invalid_auth' },
    });
    expect(await raw(`auth.test?token=${slack.botToken}`)).toMatchObject({
      answer: { error: 'not_authed' },
    });
  });

  test('with the wrong kind of token', async () => {
    expect(await call(slack, 'auth.test', {}, slack.appToken)).toMatchObject({
      error: 'not_allowed_token_type',
    });
    expect(await call(slack, 'apps.connections.open')).toMatchObject({
      error: 'not_allowed_token_type',
    });
  });

  test('without the scope, which is named', async () => {
    await slack.close();
    slack = await aWorkspace({
      app: { scopes: ['chat:write', 'channels:manage'], commands: [], botEvents: [] },
    });
    expect(await call(slack, 'users.info', { user: ANNA })).toEqual({
      ok: false,
      error: 'missing_scope',
      needed: 'users:read',
      provided: 'chat:write,channels:manage',
    });
    // Public channels may be made, private ones need a scope of their own.
    expect(
      await call(slack, 'conversations.create', { name: 'a', is_private: true }),
    ).toMatchObject({ error: 'missing_scope', needed: 'groups:write' });
  });

  test('with a body of the wrong kind', async () => {
    const token = slack.botToken;
    expect(await raw('auth.test', { token, type: 'text/xml', body: '<a/>' })).toMatchObject({
      answer: { error: 'invalid_post_type' },
    });
    const type = 'application/json; charset=utf-8';
    expect(await raw('auth.test', { token, type, body: '{' })).toMatchObject({
      answer: { error: 'invalid_json' },
    });
    expect(await raw('auth.test', { token, type, body: '[]' })).toMatchObject({
      answer: { error: 'json_not_object' },
    });
  });

  test('without an argument it needs, or with one of the wrong kind', async () => {
    expect(await call(slack, 'conversations.setTopic', { channel: 'C0HOME' })).toEqual({
      ok: false,
      error: 'invalid_arguments',
      response_metadata: { messages: ['[ERROR] missing required field: topic'] },
    });
    expect(
      await call(slack, 'conversations.info', { channel: 'C0HOME', include_num_members: 'maybe' }),
    ).toMatchObject({ error: 'invalid_arguments' });
  });

  test('when a method that reads no JSON is sent JSON', async () => {
    const type = 'application/json; charset=utf-8';
    const body = JSON.stringify({ user: ANNA });
    expect(await raw('users.info', { token: slack.botToken, type, body })).toMatchObject({
      answer: { error: 'invalid_arguments' },
    });
  });
});

test('a JSON body with blocks as they are is taken, with a warning about the charset', async () => {
  const body = JSON.stringify({
    channel: 'C0HOME',
    text: 'Hello',
    blocks: [{ type: 'divider' }],
    unfurl_links: false,
  });
  const sent = await raw('chat.postMessage', {
    token: slack.botToken,
    type: 'application/json',
    body,
  });
  expect(sent.answer).toMatchObject({ ok: true, warning: 'missing_charset' });
  expect(slack.messages('C0HOME')[0]?.blocks).toHaveLength(1);
});

test('who the bot is can be asked, and its scopes are in the headers', async () => {
  const response = await fetch(`${slack.apiUrl}auth.test`, {
    method: 'POST',
    body: new URLSearchParams({ token: slack.botToken }),
  });
  expect(await response.json()).toMatchObject({
    ok: true,
    team_id: 'T0ACME',
    user_id: BOT,
    bot_id: 'B0BACKOUT',
  });
  expect(response.headers.get('x-oauth-scopes')).toBe(SCOPES.join(','));
});

test('people are known by their kind', async () => {
  expect(await call(slack, 'users.info', { user: GONE })).toMatchObject({
    user: { deleted: true, profile: { real_name: 'Gone Gray' } },
  });
  expect(await call(slack, 'users.info', { user: 'U0GUEST' })).toMatchObject({
    user: { is_restricted: true },
  });
  expect(await call(slack, 'users.info', { user: STRANGER })).toMatchObject({
    user: { team_id: 'T0ELSEWHERE', is_stranger: true },
  });
  expect(await call(slack, 'users.info', { user: 'U0NOBODY' })).toMatchObject({
    error: 'user_not_found',
  });
  slack.setUserKind(BEN, 'deactivated');
  expect(await call(slack, 'users.info', { user: BEN })).toMatchObject({ user: { deleted: true } });
});
