import { describe, expect, test } from 'vitest';
import { event } from '../../src/incident/events.ts';
import type { Target } from '../../src/incident/target.ts';
import { beat, claimOperation } from '../../src/store/operations.ts';
import { claimSurface, incidentsToDraw, surfacesOf } from '../../src/store/surfaces.ts';
import { aTarget } from '../support/targets.ts';
import { TALK } from './support/office.ts';
import { keyOf, openStudio } from './support/studio.ts';

const HOUR_MS = 3_600_000;

describe('a message', () => {
  test('is not sent again when nothing changed', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.draw();
    const before = studio.slack.calls().length;
    await studio.lookAgain(id);
    await studio.draw();
    const again = studio.slack.calls().slice(before);
    expect(again.map((one) => one.method)).toEqual([]);
  });

  test('is not posted twice when its answer was lost', async () => {
    await using studio = await openStudio();
    studio.slack.faults.add({ method: 'chat.postMessage', times: 3, kind: 'lost-answer' });
    await studio.open();
    await studio.draw();
    const { id: channel } = studio.channelNamed('inc-1-auth');
    const keys = studio.ours(channel).map(keyOf);
    expect(keys).toHaveLength(new Set(keys).size);
    expect(studio.withKey(channel, 'card')).toHaveLength(1);
  });

  test('in a thread is not posted twice either', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.draw();
    const before = await surfacesOf(studio.store, id);
    await studio.store.run(
      `update backout.surfaces set ts = null, drawn_hash = null where key like 'op:%'`,
    );
    await studio.lookAgain(id);
    await studio.draw();
    const after = await surfacesOf(studio.store, id);
    expect(after.map(({ key, ts }) => [key, ts])).toEqual(before.map(({ key, ts }) => [key, ts]));
  });

  test('that a process claimed before it died is posted by the next', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.draw();
    const { id: channel } = studio.channelNamed('inc-1-auth');
    await claimSurface(studio.store, { incident: id, key: 'ask:plan-1', channel, nonce: 'n-1' });
    await studio.prepare(id);
    await studio.draw();
    expect(studio.withKey(channel, 'ask:plan-1')).toHaveLength(1);
  });

  test('comes back, pinned, when somebody deleted it', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.draw();
    const { id: channel } = studio.channelNamed('inc-1-auth');
    const [card] = studio.withKey(channel, 'card');
    await studio.meddle('chat.delete', { channel, ts: card?.ts });
    await studio.prepare(id);
    await studio.draw();
    const [again] = studio.withKey(channel, 'card');
    expect(again?.ts).not.toBe(card?.ts);
    expect(studio.slack.pins(channel)).toContain(again?.ts);
  });

  test('that somebody is needed for is a new one with a mention, and a quiet line afterwards', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.prepare(id);
    await studio.draw();
    const { id: channel } = studio.channelNamed('inc-1-auth');
    expect(studio.withKey(channel, 'ask:plan-1')[0]?.text).toContain('<@U0');
    const archiveAt = new Date(Date.now() + HOUR_MS).toISOString();
    await studio.append(id, [event('incident-closed', { outcome: 'abandoned', archiveAt })]);
    await studio.draw();
    const [quiet] = studio.withKey(channel, 'ask:plan-1');
    expect(quiet?.text).toContain('was not run');
    expect(JSON.stringify(quiet?.blocks)).not.toContain('button');
  });
});

describe('progress', () => {
  test('is drawn where its operation reports, and not each time that it moves', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    const targetOf = (): Target => aTarget();
    const operation = 'INC-1/op-2';
    const claimed = await claimOperation(studio.store, { id: operation, worker: 'w', targetOf });
    if (claimed === null) throw new Error('nobody queued a backup');
    const projection = studio.projection();
    const drawAt = async (done: number): Promise<string> => {
      const progress = {
        done,
        total: 100,
        unit: 'files',
        what: 'copying',
        secondsLeft: 9,
      } as const;
      await beat(studio.store, claimed.claim, { progress, tail: '' });
      await projection.drawOnce(AbortSignal.timeout(10_000));
      const surface = (await surfacesOf(studio.store, id)).find(
        (one) => one.key === `op:${operation}`,
      );
      const { id: channel } = studio.channelNamed('inc-1-auth');
      const all = studio.slack.versions(channel, surface?.ts ?? '');
      return JSON.stringify(all.at(-1)?.blocks);
    };
    expect(await drawAt(10)).toContain('10 %');
    expect(await drawAt(20)).toContain('10 %');
    // News is drawn at once, with whatever has moved by then.
    await studio.append(id, [event('note-added', { text: 'still slow' })]);
    expect(await drawAt(30)).toContain('30 %');
  });
});

describe('a Slack in trouble', () => {
  test('that answers 429 and 500 for a while has everything in the end, each message once', async () => {
    await using studio = await openStudio();
    const { faults } = studio.slack;
    const limited = { times: 1, kind: 'ratelimited', retryAfterSeconds: 1 } as const;
    faults.add({ method: 'conversations.create', ...limited });
    faults.add({ method: 'conversations.invite', times: 2, kind: 'http-500' });
    faults.add({ method: 'chat.postMessage', times: 2, kind: 'http-500' });
    faults.add({ method: 'chat.postMessage', ...limited });
    await studio.open();
    await studio.draw();
    const channel = studio.channelNamed('inc-1-auth');
    const keys = studio.ours(channel.id).map(keyOf);
    expect(keys).toHaveLength(new Set(keys).size);
    expect(keys).toContain('card');
    expect(channel.members).toContain('U0PAT');
  });

  test('that is away altogether: drawing ends with its signal, and goes on when it is back', async () => {
    await using studio = await openStudio();
    studio.slack.faults.add({ method: '*', times: 100_000, kind: 'http-500' });
    await studio.open();
    const from = performance.now();
    await studio.projection().drawOnce(AbortSignal.timeout(500));
    expect(performance.now() - from).toBeLessThan(2_000);
    studio.slack.faults.clear();
    await studio.draw();
    const { id: channel } = studio.channelNamed('inc-1-auth');
    expect(studio.withKey(channel, 'card')).toHaveLength(1);
  });

  test('with its limits on is never asked too fast', async () => {
    await using studio = await openStudio({ workspace: { rateLimits: 'on' } });
    const id = await studio.open();
    await studio.prepare(id);
    await studio.projection({ pace: 'as in life' }).drawOnce(AbortSignal.timeout(5_000));
    expect(studio.slack.calls().filter((one) => one.status === 429)).toEqual([]);
    const { id: channel } = studio.channelNamed('inc-1-auth');
    // What people wait for comes first.
    expect(studio.ours(channel).slice(0, 2).map(keyOf)).toEqual(['card', 'ask:plan-1']);
  });
});

describe('an incident whose target left the configuration', () => {
  test('says so once in its channel, and goes on when the target is back', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.draw();
    const { id: channel } = studio.channelNamed('inc-1-auth');
    const without = studio.projection({ targets: [] });
    for (let look = 0; look < 3; look += 1) {
      await studio.lookAgain(id);
      await without.drawOnce(AbortSignal.timeout(10_000));
    }
    const [said] = studio.withKey(channel, 'target-gone');
    expect(studio.withKey(channel, 'target-gone')).toHaveLength(1);
    expect(said?.text).toContain('auth is no longer in backout.yaml');
    const before = studio.slack.calls().length;
    await without.drawOnce(AbortSignal.timeout(10_000));
    expect(studio.slack.calls()).toHaveLength(before);
    expect(await incidentsToDraw(studio.store)).toEqual([]);

    await studio.lookAgain(id);
    await studio.draw();
    expect(studio.withKey(channel, 'target-gone')[0]?.text).toContain('stood still');
  });
});

describe('the end of an incident', () => {
  const ended = (): ReturnType<typeof event> =>
    event('incident-closed', { outcome: 'abandoned', archiveAt: new Date().toISOString() });

  test('is told in messages when Slack takes no files', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.draw();
    const { id: channel } = studio.channelNamed('inc-1-auth');
    const refused = { kind: 'error', error: 'missing_scope', times: 100 } as const;
    studio.slack.faults.add({ method: 'files.getUploadURLExternal', ...refused });
    await studio.append(id, [ended()]);
    await studio.draw();
    await studio.lookAgain(id);
    await studio.draw();
    const said = studio.ours(channel).filter((one) => keyOf(one).startsWith('post-mortem'));
    expect(new Set(said.map(keyOf)).size).toBe(said.length);
    expect(JSON.stringify(said[0]?.blocks)).toContain('npm run backout -- history INC-1');
    expect(JSON.stringify(said[1]?.blocks)).toContain('# INC-1: rollback of auth');
  });

  test('before it had a channel has its post-mortem where it was started', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.append(id, [ended()]);
    await studio.draw();
    expect(studio.ours(TALK).map(keyOf)).toEqual(['card']);
    expect(studio.slack.files().map((one) => one.name)).toEqual(['INC-1-post-mortem.md']);
  });

  test('is a post-mortem in the channel, once, and then the channel is archived', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.draw();
    const { id: channel } = studio.channelNamed('inc-1-auth');
    const lost = { method: 'files.completeUploadExternal', times: 1, kind: 'lost-answer' } as const;
    studio.slack.faults.add(lost);
    const archiveAt = new Date().toISOString();
    await studio.append(id, [event('incident-closed', { outcome: 'abandoned', archiveAt })]);
    await studio.draw();
    expect(studio.slack.files().map((one) => one.name)).toEqual(['INC-1-post-mortem.md']);
    expect(studio.slack.files()[0]?.content.toString()).toContain('# INC-1: rollback of auth');
    expect(studio.channelNamed('inc-1-auth').isArchived).toBe(false);

    await studio.append(id, [event('archive-due', {})]);
    await studio.draw();
    expect(studio.channelNamed('inc-1-auth').isArchived).toBe(true);
    const after = await studio.incident(id);
    expect(after.channel).toMatchObject({ state: 'archived', id: channel });
    expect(studio.slack.files()).toHaveLength(1);
  });
});
