import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StandInSlack } from '../../../sandbox/slack/slack.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { PeopleOfSlack } from '../../../src/slack/talk/people.ts';
import { openPeople } from '../../../src/slack/talk/people.ts';
import { openWeb } from '../../../src/slack/web.ts';
import { aWorkspace, PEOPLE, quiet, TEAM } from '../support/office.ts';

const MINUTE_MS = 60_000;

describe('who somebody is', () => {
  let slack: StandInSlack;
  let now = 0;
  let people: PeopleOfSlack;
  beforeAll(async () => {
    const { users } = aWorkspace();
    const others = [
      { id: 'U0GRID', name: 'grid', realName: 'GRID', teams: ['T0HOME', TEAM] },
      { id: 'U0AWAY', name: 'away', realName: 'AWAY', teams: ['T0HOME', 'T0OTHER'] },
    ];
    slack = await startSlack(aWorkspace({ users: [...users, ...others] }));
  });
  beforeEach(() => {
    slack.faults.clear();
    people = openPeople({
      web: openWeb(slack, quiet).interaction,
      people: PEOPLE,
      team: async () => TEAM,
      now: () => now,
    });
  });
  afterAll(() => slack.close());

  const who = (user: string, options: { readonly fresh?: boolean; readonly team?: string } = {}) =>
    people.person({ user, team: options.team ?? TEAM }, { fresh: options.fresh ?? false });
  const silence = (): void =>
    slack.faults.add({ method: 'users.info', times: 99, kind: 'http-500' });

  test('two accounts of one human are one person', async () => {
    expect(await who('U0DORA')).toEqual({ id: 'dora', name: 'Dora', standing: 'member' });
    expect(await who('U0DORA2')).toEqual({ id: 'dora', name: 'Dora', standing: 'member' });
  });

  test('somebody whom nobody has listed is known by the account', async () => {
    expect(await who('U0GUS')).toEqual({ id: 'slack:U0GUS', name: 'gus', standing: 'guest' });
  });

  test('an app, a stranger and a deactivated account are told from members', async () => {
    slack.setUserKind('U0PAT', 'deactivated');
    expect((await who('U0PAT', { fresh: true })).standing).toBe('deactivated');
    slack.setUserKind('U0PAT', 'member');
    expect((await who('U0BACKOUT')).standing).toBe('bot');
    expect((await who('U0ZOE')).standing).toBe('foreign');
    expect((await who('U0ANNA', { team: 'T0OTHER' })).standing).toBe('foreign');
  });

  test('in an organisation, whoever belongs to our workspace is a member wherever the home is', async () => {
    const home = { team: 'T0HOME' };
    expect((await who('U0GRID', home)).standing).toBe('member');
    expect((await who('U0AWAY', home)).standing).toBe('foreign');
    expect((await who('U0AWAY')).standing).toBe('foreign');
    slack.setUserKind('U0GRID', 'guest');
    expect((await who('U0GRID', { ...home, fresh: true })).standing).toBe('guest');
    slack.setUserKind('U0GRID', 'stranger');
    expect((await who('U0GRID', { ...home, fresh: true })).standing).toBe('foreign');
    slack.setUserKind('U0GRID', 'member');
  });

  test('from another home counts by what is remembered while Slack is silent, else as a stranger', async () => {
    await who('U0GRID', { team: 'T0HOME' });
    silence();
    expect((await who('U0GRID', { team: 'T0HOME', fresh: true })).standing).toBe('member');
    const anna = await who('U0ANNA', { team: 'T0HOME' });
    expect(anna).toMatchObject({ standing: 'foreign', doubt: { kind: 'unchecked' } });
  });

  test('is remembered for a while, and asked anew where a key is turned', async () => {
    await who('U0BEN');
    slack.setUserKind('U0BEN', 'guest');
    expect((await who('U0BEN')).standing).toBe('member');
    expect((await who('U0BEN', { fresh: true })).standing).toBe('guest');
    slack.setUserKind('U0BEN', 'member');
  });

  test('stands for ten minutes when Slack does not answer, and is unknown after that', async () => {
    await who('U0GUS');
    silence();
    now += 9 * MINUTE_MS;
    expect((await who('U0GUS', { fresh: true })).standing).toBe('guest');
    now += 2 * MINUTE_MS;
    expect((await who('U0GUS', { fresh: true })).standing).toBe('unknown');
  });

  test('is a member by the word of the configuration while Slack is silent', async () => {
    silence();
    const unchecked = { kind: 'unchecked' };
    const anna = { id: 'anna', name: 'Anna', standing: 'member', doubt: unchecked };
    expect(await who('U0ANNA')).toEqual(anna);
    slack.faults.clear();
    const strange = { times: 1, kind: 'error', error: 'unknown_method' } as const;
    slack.faults.add({ method: 'users.info', ...strange });
    expect(await who('U0ANNA')).toEqual(anna);
  });

  test.each(['missing_scope', 'not_authed', 'invalid_auth', 'access_denied'])(
    'is unknown, whatever the configuration says, when Slack refuses to tell (%s)',
    async (error) => {
      await who('U0ANNA');
      slack.faults.add({ method: 'users.info', times: 1, kind: 'error', error });
      expect(await who('U0ANNA', { fresh: true })).toEqual({
        id: 'anna',
        name: 'Anna',
        standing: 'unknown',
        doubt: { kind: 'unseen', error },
      });
    },
  );
});
