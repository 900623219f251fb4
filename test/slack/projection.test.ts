import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../sandbox/slack/state.ts';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import { startSlack } from '../../sandbox/slack/slack.ts';
import { event } from '../../src/incident/events.ts';
import type { IncidentId } from '../../src/incident/names.ts';
import { openIdentity } from '../../src/slack/identity.ts';
import type { Projection } from '../../src/slack/projection.ts';
import { openProjection } from '../../src/slack/projection.ts';
import { openWeb } from '../../src/slack/web.ts';
import { claimSurface, surfacesOf } from '../../src/store/surfaces.ts';
import { aTarget } from '../support/targets.ts';
import type { Records } from './support/office.ts';
import { aStore, aWorkspace, ELSEWHERE, HOME, PEOPLE, quiet, TALK } from './support/office.ts';

let slack: StandInSlack;
let records: Records;

beforeEach(async () => {
  [slack, records] = await Promise.all([startSlack(aWorkspace()), aStore()]);
});
afterEach(async () => {
  await slack.close();
  await records.close();
});

/** As after a restart: it remembers nothing. */
function aProjection(over: { readonly homeChannel?: string | undefined } = {}): Projection {
  const web = openWeb(slack, quiet);
  const { store, targets } = records;
  return openProjection({
    store,
    web: web.drawing,
    whoAreWe: openIdentity(web.interaction),
    targets,
    people: PEOPLE,
    homeChannel: HOME,
    log: quiet,
    ...over,
  });
}

async function drawn(projection = aProjection()): Promise<void> {
  await projection.drawOnce(AbortSignal.timeout(25_000));
}

function channelNamed(name: string): ReturnType<StandInSlack['channels']>[number] {
  const found = slack.channels().find((one) => one.name === name);
  if (found === undefined) throw new Error(`no channel ${name}\n${slack.transcript()}`);
  return found;
}

/** Our own messages that are no notices of Slack. */
function ours(channel: string): readonly Message[] {
  return slack.messages(channel).filter((one) => one.bot_id !== undefined && !one.subtype);
}

function keyOf(message: Message): unknown {
  const payload = message.metadata?.['event_payload'];
  return typeof payload === 'object' && payload !== null && 'key' in payload
    ? payload['key']
    : undefined;
}

function withKey(channel: string, key: string): readonly Message[] {
  return ours(channel).filter((one) => keyOf(one) === key);
}

async function stopDrawing(id: IncidentId): Promise<void> {
  await records.store.run('delete from backout.drawn where incident = $1', [id]);
}

describe('the channel of an incident', () => {
  test('is made, furnished and announced', async () => {
    const id = await records.open();
    await drawn();
    const channel = channelNamed('inc-1-auth');
    expect(channel.isPrivate).toBe(false);
    expect(channel.members).toEqual(
      expect.arrayContaining(['U0ANNA', 'U0BEN', 'U0DORA', 'U0DORA2', 'U0DEV', 'U0PAT']),
    );
    expect(channel.topic).toContain('INC-1 · rollback of auth (production) · Logins fail');
    const [card] = withKey(channel.id, 'card');
    expect(channel.pinned).toEqual([card?.ts]);
    expect(
      ours(channel.id).filter((one) => keyOf(one)?.toString().startsWith('section')),
    ).toHaveLength(12);
    expect(withKey(HOME, 'announcement')).toHaveLength(1);
    expect(JSON.stringify(withKey(HOME, 'announcement')[0]?.blocks)).toContain(channel.id);
    expect((await records.incident(id)).channel).toMatchObject({ state: 'open', id: channel.id });
  });

  test('is private when the target says so', async () => {
    await records.close();
    records = await aStore([aTarget({ privateChannel: true })]);
    await records.open();
    await drawn();
    expect(channelNamed('inc-1-auth').isPrivate).toBe(true);
  });

  test('is made once, although the answer was lost', async () => {
    slack.faults.add({ method: 'conversations.create', times: 1, kind: 'lost-answer' });
    const id = await records.open();
    await drawn();
    expect(slack.channels().filter((one) => one.name.startsWith('inc-1'))).toHaveLength(1);
    expect((await records.incident(id)).channel).toMatchObject({
      state: 'open',
      id: channelNamed('inc-1-auth').id,
    });
  });

  test('gets another name when somebody else has that one', async () => {
    await slack.close();
    const { channels } = aWorkspace();
    slack = await startSlack(
      aWorkspace({
        channels: [...channels, { id: 'C0SQUAT', name: 'inc-1-auth', members: ['U0GUS'] }],
      }),
    );
    const id = await records.open();
    await drawn();
    expect((await records.incident(id)).channel).toMatchObject({
      state: 'open',
      name: 'inc-1-auth-2',
    });
    expect(ours('C0SQUAT')).toEqual([]);
  });

  test('is not taken over from an earlier life of the same name', async () => {
    await slack.close();
    const { channels } = aWorkspace();
    const old = { id: 'C0OLD', name: 'inc-1-auth', members: ['U0BACKOUT'] };
    let now = Date.now() - 3_600_000;
    slack = await startSlack(aWorkspace({ channels: [...channels, old], now: () => now }));
    now = Date.now();
    const id = await records.open();
    await drawn();
    expect((await records.incident(id)).channel).toMatchObject({ name: 'inc-1-auth-2' });
  });

  test('cannot be made: the incident lives where it was started, and says so there', async () => {
    slack.faults.add({
      method: 'conversations.create',
      times: 9,
      kind: 'error',
      error: 'restricted_action',
    });
    const id = await records.open({ saidIn: TALK });
    await drawn();
    expect((await records.incident(id)).channel).toMatchObject({ state: 'failed' });
    const [said] = withKey(TALK, 'no-channel');
    expect(said?.text).toContain('This workspace does not let apps make channels.');
    expect(withKey(TALK, 'card')).toHaveLength(1);
    expect(slack.pins(TALK)).toEqual([]);
  });

  test('cannot be made, and nothing can be said where it was started: the home channel has it', async () => {
    slack.faults.add({
      method: 'conversations.create',
      times: 9,
      kind: 'error',
      error: 'restricted_action',
    });
    await records.open({ saidIn: ELSEWHERE });
    await drawn();
    expect(withKey(HOME, 'card')).toHaveLength(1);
    expect(withKey(HOME, 'announcement')).toHaveLength(1);
    expect(ours(ELSEWHERE)).toEqual([]);
  });

  test('one person who cannot be invited does not keep the others out', async () => {
    slack.setUserKind('U0DEV', 'deactivated');
    await records.open();
    await drawn();
    const { members } = channelNamed('inc-1-auth');
    expect(members).toEqual(expect.arrayContaining(['U0ANNA', 'U0BEN', 'U0DORA', 'U0PAT']));
    expect(members).not.toContain('U0DEV');
  });
});

describe('a message', () => {
  test('is not sent again when nothing changed', async () => {
    const id = await records.open();
    await drawn();
    const before = slack.calls().length;
    await stopDrawing(id);
    await drawn();
    const again = slack
      .calls()
      .slice(before)
      .map((one) => one.method);
    expect(again.filter((one) => one !== 'auth.test')).toEqual([]);
  });

  test('is not posted twice when its answer was lost', async () => {
    slack.faults.add({ method: 'chat.postMessage', times: 3, kind: 'lost-answer' });
    await records.open();
    await drawn();
    const channel = channelNamed('inc-1-auth');
    const keys = ours(channel.id).map(keyOf);
    expect(keys).toHaveLength(new Set(keys).size);
    expect(withKey(channel.id, 'card')).toHaveLength(1);
  });

  test('that a process claimed before it died is posted by the next', async () => {
    const id = await records.open();
    await drawn();
    const channel = channelNamed('inc-1-auth');
    await claimSurface(records.store, {
      incident: id,
      key: 'ask:plan-1',
      channel: channel.id,
      nonce: 'n',
    });
    await records.prepare(id);
    await drawn();
    expect(withKey(channel.id, 'ask:plan-1')).toHaveLength(1);
  });

  test('in a thread is not posted twice either', async () => {
    const id = await records.open();
    await drawn();
    const channel = channelNamed('inc-1-auth');
    const [claimed] = (await surfacesOf(records.store, id)).filter((one) =>
      one.key.startsWith('op:'),
    );
    await records.store.run(
      'update backout.surfaces set ts = null, drawn_hash = null where key = $1',
      [claimed?.key],
    );
    await stopDrawing(id);
    await drawn();
    const [after] = (await surfacesOf(records.store, id)).filter((one) => one.key === claimed?.key);
    expect(after?.ts).toBe(claimed?.ts);
    expect(channel.id).toBe(claimed?.channel);
  });

  test('comes back when somebody deleted it', async () => {
    const id = await records.open();
    await drawn();
    const channel = channelNamed('inc-1-auth');
    const [card] = withKey(channel.id, 'card');
    await openWeb(slack, quiet).drawing.apiCall('chat.delete', {
      channel: channel.id,
      ts: card?.ts,
    });
    await records.prepare(id);
    await drawn();
    const [again] = withKey(channel.id, 'card');
    expect(again?.ts).not.toBe(card?.ts);
    expect(slack.pins(channel.id)).toContain(again?.ts);
  });

  test('that rings is a new message, and is a quiet line when it no longer holds', async () => {
    const id = await records.open();
    await records.prepare(id);
    await drawn();
    const channel = channelNamed('inc-1-auth');
    expect(withKey(channel.id, 'ask:plan-1')[0]?.text).toContain('<@U0');
    await records.append(id, [
      event('incident-closed', {
        outcome: 'abandoned',
        archiveAt: new Date(Date.now() + 3_600_000).toISOString(),
      }),
    ]);
    await drawn();
    expect(withKey(channel.id, 'ask:plan-1')).toHaveLength(1);
    expect(withKey(channel.id, 'ask:plan-1')[0]?.text).toContain('was not run');
  });
});

describe('a Slack in trouble', () => {
  test('that answers 429 and 500 for a while is drawn completely in the end, each message once', async () => {
    slack.faults.add({ method: 'chat.postMessage', times: 2, kind: 'http-500' });
    slack.faults.add({ method: 'conversations.invite', times: 2, kind: 'http-500' });
    slack.faults.add({
      method: 'chat.postMessage',
      times: 1,
      kind: 'ratelimited',
      retryAfterSeconds: 1,
    });
    slack.faults.add({
      method: 'conversations.create',
      times: 1,
      kind: 'ratelimited',
      retryAfterSeconds: 1,
    });
    await records.open();
    await drawn();
    const channel = channelNamed('inc-1-auth');
    const keys = ours(channel.id).map(keyOf);
    expect(keys).toHaveLength(new Set(keys).size);
    expect(keys).toContain('card');
    expect(channel.members).toContain('U0PAT');
  });

  test('is not asked anything for a whole minute of silence: the draw ends with its signal', async () => {
    slack.faults.add({ method: '*', times: 10_000, kind: 'http-500' });
    await records.open();
    const from = performance.now();
    await aProjection().drawOnce(AbortSignal.timeout(1_500));
    expect(performance.now() - from).toBeLessThan(3_000);
    slack.faults.clear();
    await drawn();
    expect(withKey(channelNamed('inc-1-auth').id, 'card')).toHaveLength(1);
  });

  test('with its limits on is never asked too fast', async () => {
    await slack.close();
    slack = await startSlack(aWorkspace({ rateLimits: 'on' }));
    const id = await records.open();
    await records.prepare(id);
    await drawn();
    expect(slack.calls().filter((one) => one.status === 429)).toEqual([]);
    expect(withKey(channelNamed('inc-1-auth').id, 'card')).toHaveLength(1);
  });

  test('whose channel was archived by somebody: the incident goes on where it was started', async () => {
    const id = await records.open();
    await drawn();
    const channel = channelNamed('inc-1-auth');
    await openWeb(slack, quiet).drawing.apiCall('conversations.archive', { channel: channel.id });
    await records.prepare(id);
    await drawn();
    expect((await records.incident(id)).channel.state).toBe('failed');
    expect(withKey(TALK, 'card')).toHaveLength(1);
    expect(withKey(TALK, 'ask:plan-1')).toHaveLength(1);
  });
});

describe('the end', () => {
  test('the post-mortem is a file in the channel, once, and then the channel is archived', async () => {
    const id = await records.open();
    await drawn();
    const channel = channelNamed('inc-1-auth');
    slack.faults.add({ method: 'files.completeUploadExternal', times: 1, kind: 'lost-answer' });
    const archiveAt = new Date().toISOString();
    await records.append(id, [event('incident-closed', { outcome: 'abandoned', archiveAt })]);
    await drawn();
    expect(slack.files().map((one) => one.name)).toEqual(['INC-1-post-mortem.md']);
    expect(slack.files()[0]?.content.toString()).toContain('# INC-1: rollback of auth');
    expect(channelNamed('inc-1-auth').isArchived).toBe(false);

    await records.append(id, [event('archive-due', {})]);
    await drawn();
    expect(channelNamed('inc-1-auth').isArchived).toBe(true);
    expect((await records.incident(id)).channel).toMatchObject({
      state: 'archived',
      id: channel.id,
    });
    expect(slack.files()).toHaveLength(1);
  });
});
