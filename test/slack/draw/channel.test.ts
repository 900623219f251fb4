import { describe, expect, test } from 'vitest';
import { event } from '../../../src/incident/events.ts';
import { standing } from '../../../src/incident/standing/standing.ts';
import { channelName, nextName } from '../../../src/slack/draw/channel.ts';
import { sectionKey } from '../../../src/slack/views/sections.ts';
import { aTarget } from '../../support/targets.ts';
import { aWorkspace, ELSEWHERE, HOME, TALK } from '../support/office.ts';
import { keyOf, openStudio } from '../support/studio.ts';

const REFUSED = {
  method: 'conversations.create',
  times: 9,
  kind: 'error',
  error: 'restricted_action',
} as const;

describe('the channel of an incident', () => {
  test('is made, furnished and announced', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.draw();
    const channel = studio.channelNamed('inc-1-auth');
    expect(channel.isPrivate).toBe(false);
    expect(channel.members).toEqual(
      expect.arrayContaining(['U0ANNA', 'U0BEN', 'U0DORA', 'U0DORA2', 'U0DEV', 'U0PAT']),
    );
    expect(channel.topic).toContain('INC-1 · rollback of auth (production) · Logins fail');
    const [card] = studio.withKey(channel.id, 'card');
    expect(channel.pinned).toEqual([card?.ts]);
    const sections = studio.ours(channel.id).filter((one) => keyOf(one).startsWith('section'));
    const inOrder = Array.from({ length: 12 }, (_one, at) => sectionKey(at + 1));
    expect(sections.map(keyOf)).toEqual(inOrder);
    const announced = studio.withKey(HOME, 'announcement');
    expect(announced).toHaveLength(1);
    expect(JSON.stringify(announced[0]?.blocks)).toContain(channel.id);
    expect((await studio.incident(id)).channel).toMatchObject({ state: 'open', id: channel.id });
  });

  test('is private when the target says so', async () => {
    await using studio = await openStudio({ targets: [aTarget({ privateChannel: true })] });
    await studio.open();
    await studio.draw();
    expect(studio.channelNamed('inc-1-auth').isPrivate).toBe(true);
  });

  test.each([false, true])(
    'is made once, although the answer was lost (private: %s)',
    async (privateChannel) => {
      await using studio = await openStudio({ targets: [aTarget({ privateChannel })] });
      studio.slack.faults.add({ method: 'conversations.create', times: 1, kind: 'lost-answer' });
      const id = await studio.open();
      await studio.draw();
      const made = studio.slack.channels().filter((one) => one.name.startsWith('inc-1'));
      expect(made).toHaveLength(1);
      expect((await studio.incident(id)).channel).toMatchObject({ state: 'open', id: made[0]?.id });
    },
  );

  test('is found, although Slack’s clock is behind ours', async () => {
    await using studio = await openStudio({
      workspace: { now: () => Date.now() - 20_000 },
    });
    studio.slack.faults.add({ method: 'conversations.create', times: 1, kind: 'lost-answer' });
    await studio.open();
    await studio.draw();
    const made = studio.slack.channels().filter((one) => one.name.startsWith('inc-1'));
    expect(made.map((one) => one.name)).toEqual(['inc-1-auth']);
  });

  test('that Slack made while it was ill is found when it is well, and everything moves there', async () => {
    await using studio = await openStudio();
    const { faults } = studio.slack;
    faults.add({ method: 'conversations.create', times: 1, kind: 'lost-answer' });
    faults.add({ method: 'conversations.create', times: 100_000, kind: 'http-500' });
    const id = await studio.open();
    await studio.prepare(id);
    const projection = studio.projection();
    await projection.drawOnce(AbortSignal.timeout(20_000));
    expect((await studio.incident(id)).channel).toMatchObject({ state: 'failed' });
    expect(studio.withKey(TALK, 'no-channel')[0]?.text).toContain('Slack did not answer');
    expect(JSON.stringify(studio.withKey(TALK, 'ask:plan-1'))).toContain('"approve"');

    faults.clear();
    // Also by a process that knows nothing of it.
    await studio.lookAgain(id);
    await studio.draw();
    const channel = studio.channelNamed('inc-1-auth');
    expect(studio.slack.channels().filter((one) => one.name.startsWith('inc-1'))).toHaveLength(1);
    expect((await studio.incident(id)).channel).toMatchObject({ state: 'open', id: channel.id });
    expect(studio.withKey(channel.id, 'card')).toHaveLength(1);
    expect(studio.withKey(channel.id, 'ask:plan-1')).toHaveLength(1);
    expect(studio.withKey(TALK, 'card')[0]?.text).toBe(
      `*INC-1* has moved: it is in <#${channel.id}> now.`,
    );
    expect(JSON.stringify(studio.ours(TALK))).not.toContain('"approve"');
  });

  test('that Slack refuses is not tried again', async () => {
    await using studio = await openStudio();
    studio.slack.faults.add(REFUSED);
    const id = await studio.open({ saidIn: TALK });
    await studio.draw();
    studio.slack.faults.clear();
    await studio.lookAgain(id);
    await studio.draw();
    expect((await studio.incident(id)).channel).toMatchObject({ state: 'failed' });
  });

  test('gets another name when somebody else has that one', async () => {
    const { channels } = aWorkspace();
    const squat = { id: 'C0SQUAT', name: 'inc-1-auth', members: ['U0GUS'] };
    await using studio = await openStudio({ workspace: { channels: [...channels, squat] } });
    const id = await studio.open();
    await studio.draw();
    expect((await studio.incident(id)).channel).toMatchObject({
      state: 'open',
      name: 'inc-1-auth-2',
    });
    expect(studio.ours('C0SQUAT')).toEqual([]);
  });

  test('is not taken over from an earlier life of the same name, though we made that', async () => {
    let now = Date.now() - 3_600_000;
    const { channels } = aWorkspace();
    const old = { id: 'C0OLD', name: 'inc-1-auth', members: ['U0BACKOUT'] };
    await using studio = await openStudio({
      workspace: { channels: [...channels, old], now: () => now },
    });
    now = Date.now();
    const id = await studio.open();
    await studio.draw();
    expect((await studio.incident(id)).channel).toMatchObject({ name: 'inc-1-auth-2' });
  });

  test('cannot be made: the incident lives where it was started, and says so there', async () => {
    await using studio = await openStudio();
    studio.slack.faults.add(REFUSED);
    const id = await studio.open({ saidIn: TALK });
    await studio.draw();
    expect((await studio.incident(id)).channel).toMatchObject({ state: 'failed' });
    const [said] = studio.withKey(TALK, 'no-channel');
    expect(said?.text).toContain('This workspace does not let apps make channels.');
    expect(studio.withKey(TALK, 'card')).toHaveLength(1);
    expect(studio.slack.pins(TALK)).toEqual([]);
  });

  test('cannot be made, nor can anything be said where it was started: the home channel has it', async () => {
    await using studio = await openStudio();
    studio.slack.faults.add(REFUSED);
    await studio.open({ saidIn: ELSEWHERE });
    await studio.draw();
    expect(studio.withKey(HOME, 'card')).toHaveLength(1);
    expect(studio.withKey(HOME, 'announcement')).toHaveLength(1);
    expect(studio.ours(ELSEWHERE)).toEqual([]);
  });

  test('cannot be made for a private target: nothing of it is drawn where others read along', async () => {
    await using studio = await openStudio({ targets: [aTarget({ privateChannel: true })] });
    studio.slack.faults.add(REFUSED);
    await studio.open({ saidIn: TALK });
    await studio.draw();
    expect(studio.ours(TALK)).toEqual([]);
    expect(studio.ours(HOME)).toHaveLength(1);
    const [said] = studio.withKey(HOME, 'announcement');
    expect(said?.text).toContain('there is no private channel for it');
    expect(said?.text).toContain('/rollback status INC-1');
  });

  test('cannot be made for a private target: whoever is needed is called from the home channel', async () => {
    await using studio = await openStudio({ targets: [aTarget({ privateChannel: true })] });
    studio.slack.faults.add(REFUSED);
    const id = await studio.open({ saidIn: TALK });
    await studio.prepare(id);
    await studio.draw();
    const [call] = studio.withKey(HOME, 'call:ask:plan-1');
    expect(call?.text).toMatch(
      /^<@U0[^:]+: \*INC-1\* needs you\. `\/rollback status INC-1` tells what, to you alone\.$/,
    );
    expect(JSON.stringify(call?.blocks)).not.toMatch(/button|auth/);

    const archiveAt = new Date(Date.now() + 3_600_000).toISOString();
    await studio.append(id, [event('incident-closed', { outcome: 'abandoned', archiveAt })]);
    await studio.draw();
    expect(studio.withKey(HOME, 'call:ask:plan-1')[0]?.text).not.toContain('<@');
    expect(standing(await studio.incident(id), aTarget(), new Date()).next).toContain(
      '`npm run backout -- report-link INC-1`',
    );
  });

  test('one person who cannot be invited does not keep the others out', async () => {
    await using studio = await openStudio();
    studio.slack.setUserKind('U0DEV', 'deactivated');
    const id = await studio.open();
    await studio.draw();
    const { members } = studio.channelNamed('inc-1-auth');
    expect(members).toEqual(expect.arrayContaining(['U0ANNA', 'U0BEN', 'U0DORA', 'U0PAT']));
    expect(members).not.toContain('U0DEV');
    const { channel } = await studio.incident(id);
    expect(channel).toMatchObject({ invited: { missing: 1 } });
  });

  test('was archived by somebody: the incident goes on where it was started', async () => {
    await using studio = await openStudio();
    const id = await studio.open();
    await studio.draw();
    const { id: channel } = studio.channelNamed('inc-1-auth');
    await studio.meddle('conversations.archive', { channel });
    await studio.prepare(id);
    await studio.draw();
    expect((await studio.incident(id)).channel.state).toBe('failed');
    expect(studio.withKey(TALK, 'card')).toHaveLength(1);
    expect(studio.withKey(TALK, 'ask:plan-1')).toHaveLength(1);
  });
});

describe('the name of a channel', () => {
  test('is one that Slack takes, whatever the target is called', () => {
    expect(channelName({ id: 'INC-42', target: 'auth' })).toBe('inc-42-auth');
    expect(channelName({ id: 'INC-7', target: 'Big Data/Ünion.' })).toBe('inc-7-big-data-nion');
    const long = channelName({ id: 'INC-7', target: 'x'.repeat(200) });
    expect(`${long}-9`.length).toBeLessThanOrEqual(80);
  });

  test('is counted up when it is taken, and given up in the end', () => {
    expect(nextName('inc-1-auth', 'inc-1-auth')).toBe('inc-1-auth-2');
    expect(nextName('inc-1-auth', 'inc-1-auth-2')).toBe('inc-1-auth-3');
    expect(nextName('inc-1-auth', 'inc-1-auth-9')).toBeNull();
  });
});
