import { describe, expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import type { Person } from '../../src/define-command.ts';
import { aConversation, commandOf, containing, member, planned } from '../support/conversation.ts';
import { aTarget } from '../support/worlds.ts';

const STANDINGS = ['guest', 'bot', 'deactivated', 'foreign', 'unknown'] as const;
const deciding = commands.filter((one) => one.kind === 'decides');
const strict = deciding.filter((one) => one.who !== 'anyone').map((one) => one.verb);

describe.each(STANDINGS)('somebody who is %s', (standing) => {
  const somebody: Person = { id: 'anna', name: 'Anna', standing };

  test.each(strict)('does not %s, although they are listed', (verb) => {
    const talk = planned();
    const before = talk.events().length;

    expect(talk.say(somebody, verb)).toMatchObject({
      kind: 'refusal',
      code: 'not-a-member',
      next: containing('{person:anna}'),
    });
    expect(talk.events()).toHaveLength(before);
  });

  test('reads', () => {
    expect(planned().say(somebody, 'status').kind).toBe('answer');
  });
});

test('guests do not start where no target is meant yet', () => {
  const talk = aConversation({ others: [aTarget({ name: 'billing' })] });

  expect(talk.say({ ...member('gus'), standing: 'guest' }, 'start')).toMatchObject({
    code: 'not-a-member',
    next: 'Ask a member to do it.',
  });
});

test.each([
  'run',
  'abort',
  'resume',
  'close',
  'back-up',
  'edit',
  'plan again',
  'check 2.1 done',
  'check 2.1 open',
])('%s is for the team and for whoever opened the incident', (said) => {
  expect(planned().type('eve', said)).toMatchObject({
    code: 'not-allowed',
    say: containing('{person:pat}'),
  });
  const talk = aConversation();
  talk.type('eve', 'start logins fail');
  expect(talk.type('eve', said)).not.toMatchObject({ code: 'not-allowed' });
});

test.each(['note it is slow', 'page on_call', 'start'])('every member may say: %s', (said) => {
  expect(planned().type('eve', said).kind).not.toBe('refusal');
});

describe('the incident that is meant', () => {
  const inside = commands.filter((one) => one.about.endsWith('open-incident'));
  const asked = {
    input: {},
    person: member('anna'),
    now: new Date(),
    targets: [aTarget()],
    open: [],
    incident: null,
    target: aTarget(),
    history: [],
    people: {},
    cachedVersions: [],
  };

  test.each(inside.map((one) => one.verb))('%s needs one', (verb) => {
    expect(commandOf(verb).hear(asked)).toMatchObject({ code: 'no-incident' });
  });

  test('among several, it has to be named', () => {
    const one = planned().incident();
    const other = { ...one, id: 'INC-2', target: 'billing' } as const;

    expect(commandOf('abort').hear({ ...asked, open: [other, one] })).toMatchObject({
      code: 'which-incident',
      next: 'Say which: `/rollback abort INC-2`, or say it in its channel.',
    });
  });

  test('without its target, nothing is decided', () => {
    const incident = planned().incident();

    expect(commandOf('abort').hear({ ...asked, incident, target: null })).toMatchObject({
      code: 'target-gone',
    });
  });

  test('a form cannot be filled in for it either', () => {
    expect(commandOf('note').form?.help(asked)).toEqual({
      intro: 'There is no open incident here.',
    });
  });
});

describe('words that a verb has no use for', () => {
  const FREE = ['start', 'note', 'decline', 'abort'];
  test.each(commands.map((one) => one.verb).filter((verb) => !FREE.includes(verb)))(
    'are refused by %s with its usage',
    (verb) => {
      const { usage } = commandOf(verb);

      expect(planned().type('anna', `${verb} zzz?! zzz`)).toMatchObject({
        code: 'bad-input',
        next: `\`/rollback ${`${verb} ${usage}`.trim()}\``,
      });
    },
  );
});
