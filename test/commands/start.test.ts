import { expect, test } from 'vitest';
import { INCIDENT, aConversation, containing, started } from '../support/conversation.ts';
import { aTarget } from '../support/worlds.ts';

test('a start opens an incident, and reading, backing up and calling the DBA begin by themselves', () => {
  const talk = aConversation();

  const heard = talk.type('anna', 'start auth logins fail');

  expect(heard).toMatchObject({ kind: 'decision', opens: { target: 'auth' } });
  expect(talk.incident()).toMatchObject({
    id: INCIDENT,
    sentence: 'logins fail',
    openedBy: 'anna',
    pages: [{ role: 'dba', level: 1 }],
  });
  const steps = talk.incident().operations.map((one) => one.step);
  expect(steps).toEqual(['assess', 'back-up', 'page-1']);
});

test('nobody is called where no page address is set, and whoever starts is told to call', () => {
  const talk = aConversation({ target: aTarget({ roles: { dba: { people: ['dora'] } } }) });

  expect(talk.type('anna', 'start logins fail')).toMatchObject({
    reply: { text: containing('call {person:dora} yourself') },
  });
  expect(talk.incident().pages).toEqual([]);
});

test('a start without a sentence asks for it, with the newest version preset', () => {
  const talk = aConversation();

  expect(talk.type('anna', 'start')).toMatchObject({
    kind: 'needs-form',
    help: {
      without: ['target'],
      presets: { target: 'auth', suspectedVersion: 'newest' },
      choices: {
        suspectedVersion: [{ value: 'newest' }, { value: 'auth/3' }, { value: 'auth/2' }],
      },
    },
  });
});

test('among several targets the form asks which, and offers versions once it is chosen', () => {
  const talk = aConversation({ others: [aTarget({ name: 'billing' })] });

  expect(talk.type('anna', 'start logins fail')).toMatchObject({
    kind: 'needs-form',
    help: { choices: { target: [{ value: 'auth' }, { value: 'billing' }] } },
  });
  expect(talk.say('anna', 'start', { target: 'auth' })).toMatchObject({
    help: { without: [], presets: { target: 'auth' } },
  });
});

test('the newest version is not written down: whatever is newest when the database is read is meant', () => {
  const newest = aConversation();
  newest.say('anna', 'start', { sentence: 'logins fail', suspectedVersion: 'newest' });
  const older = aConversation();
  const details = { suspectedVersion: 'auth/2', impact: ' ' };
  older.say('anna', 'start', { sentence: 'logins fail', ...details });

  expect(newest.incident().details).toEqual({});
  expect(older.incident().details).toEqual({ suspectedVersion: '2' });
});

test('a second start joins the first', () => {
  const talk = started();

  const first = talk.type('ben', 'start auth it is slow too');
  const again = talk.type('ben', 'start');

  expect(first).toMatchObject({
    reply: { text: containing(`${INCIDENT} is open for auth already`) },
  });
  expect(talk.incident().notes).toMatchObject([{ text: 'Joined: it is slow too' }]);
  expect(again.kind).toBe('answer');
});

test('whoever presses Start twice is told where the incident is, and nothing happens twice', () => {
  const talk = started();
  const before = talk.events().length;

  expect(talk.type('anna', 'start logins fail').kind).toBe('answer');
  expect(talk.events()).toHaveLength(before);
});

test('an unknown target is refused with those that are known', () => {
  const talk = aConversation();

  expect(talk.say('anna', 'start', { target: 'atuh', sentence: 'logins fail' })).toMatchObject({
    kind: 'refusal',
    code: 'unknown-target',
    field: 'target',
    say: 'There is no target called atuh. Known: auth.',
  });
});

test('what is wrong is kept as it was typed', () => {
  const talk = aConversation();

  talk.type('anna', 'start auth logins fail with: column "name" of `users`\n  does not exist');

  expect(talk.incident().sentence).toBe(
    'logins fail with: column "name" of `users`\n  does not exist',
  );
});

test('of a target that nobody has read yet, the newest version can be suspected', () => {
  const talk = aConversation({ others: [aTarget({ name: 'billing' })] });

  expect(talk.say('anna', 'start', { target: 'Billing' })).toMatchObject({
    help: {
      without: [],
      presets: { target: 'billing', suspectedVersion: 'newest' },
      choices: { suspectedVersion: [{ value: 'newest' }] },
    },
  });
});

test('a version that was chosen for another target is not suspected here', () => {
  const talk = aConversation({ others: [aTarget({ name: 'billing' })] });
  const sentence = 'charges fail';

  for (const suspectedVersion of ['auth/3', 'billing/3', '3']) {
    expect(
      talk.say('anna', 'start', { target: 'billing', sentence, suspectedVersion }),
    ).toMatchObject({ code: 'not-its-version', field: 'suspectedVersion' });
  }
});
