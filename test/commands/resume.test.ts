import { expect, test } from 'vitest';
import type { SchemaState } from '../../src/incident/facts/results.ts';
import type { Conversation } from '../support/conversation.ts';
import { approved, planned } from '../support/conversation.ts';
import { maintenance, paused, resumed, wentDown } from '../support/worlds.ts';

/** The run has ended where a person has to say how it goes on. */
function stopped(schema: SchemaState): Conversation {
  const talk = approved();
  talk.finish('maintenance-on', { result: maintenance('on') });
  talk.finish('pause-writers', { result: paused() });
  const outcome = schema === 'rolled-back' ? 'succeeded' : 'failed';
  talk.finish('run-down', { outcome, result: wentDown(schema) });
  if (schema === 'rolled-back') talk.finish('verify', { outcome: 'failed' });
  if (schema === 'unchanged') {
    talk.finish('resume-services', { outcome: 'failed', result: resumed('same') });
  }
  return talk;
}

test.each([
  { schema: 'rolled-back', version: 'previous', attempt: 2 },
  { schema: 'unchanged', version: 'same', attempt: 2 },
] as const)(
  'services come back in the version that fits a database that is $schema',
  (expected) => {
    const talk = stopped(expected.schema);

    talk.type('anna', 'resume');

    const { version, attempt } = expected;
    expect(talk.incident().runs.at(-1)?.resumes).toMatchObject([{ version, attempt }]);
    expect(talk.incident().operations.at(-1)).toMatchObject({ step: 'resume-services', attempt });
    expect(talk.type('ben', 'resume')).toMatchObject({ code: 'resume-under-way' });
  },
);

test('where nobody knows the schema, a person chooses', () => {
  const talk = stopped('unknown');

  expect(talk.type('anna', 'resume')).toMatchObject({
    kind: 'needs-form',
    help: { choices: { version: [{ value: 'previous' }, { value: 'same' }] } },
  });
  expect(talk.type('anna', 'resume same').kind).toBe('decision');
});

test('what failed to come back can be asked for again', () => {
  const talk = stopped('rolled-back');
  talk.type('anna', 'resume');
  talk.finish('resume-services', { outcome: 'failed', result: resumed('previous') });

  talk.type('anna', 'resume');

  expect(talk.incident().operations.at(-1)).toMatchObject({ step: 'resume-services', attempt: 3 });
});

test('services that were never stopped are not resumed', () => {
  expect(planned().type('anna', 'resume')).toMatchObject({ code: 'nothing-to-resume' });
});

test('services do not start in the middle of a change', () => {
  const talk = approved();
  expect(talk.type('anna', 'resume')).toMatchObject({ code: 'running' });

  talk.finish('maintenance-on', { result: maintenance('on') });
  talk.finish('pause-writers', { result: paused() });
  talk.begin('run-down');

  expect(talk.type('anna', 'resume')).toMatchObject({ code: 'wait-for-down' });
});

test('services that are back are not brought back again', () => {
  const talk = stopped('unchanged');
  talk.type('anna', 'resume');
  talk.finish('resume-services', { result: resumed('same') });
  talk.finish('maintenance-off', { result: maintenance('off') });

  expect(talk.type('anna', 'resume')).toMatchObject({
    code: 'services-back',
    say: 'The services of auth are back already, in the version they had.',
  });
});
