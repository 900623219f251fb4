import { expect, test } from 'vitest';
import { demandSuccess } from '../../src/programs/failure.ts';

const DYING = 'pg_dump: error: a worker process died unexpectedly';

/** What a person is told of a pg_dump that ended with these last lines. */
function told(...lines: readonly string[]): string {
  const result = { exitCode: 1, stopped: false, timedOut: false, stdout: '' };
  try {
    demandSuccess(
      { ...result, tail: lines.join('\n') },
      { program: 'pg_dump', task: 'The back-up' },
    );
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
}

test('what is told of a failed dump is its reason, and not that a worker died', () => {
  expect(
    told(
      'pg_dump: dumping contents of table "public.errors"',
      'pg_dump: error: query failed: ERROR:  query would be affected by row-level security policy for table "a"',
      'pg_dump: detail: Query was: COPY public.a (id) TO stdout;',
      DYING,
    ),
  ).toMatch(/pg_dump said: query failed: ERROR: .* policy for table "a"\. .* needs BYPASSRLS/);
  expect(
    told('pg_dump: error: could not write to output file: No space left on device', DYING),
  ).toMatch(
    /pg_dump said: could not write to output file: No space left on device\. The disk is full/,
  );
});

test('what the server said of a dump that it ended is told with the table', () => {
  const text = told(
    'pg_dump:pg_dump: error: Dumping the contents of table "a" failed: PQgetResult() failed.',
    'pg_dump: detail: Error message from server: FATAL:  terminating connection due to administrator command',
    'pg_dump: detail: Command was: COPY public.a (id, b) TO stdout;',
    DYING,
  );

  expect(text).toBe(
    'The back-up failed. pg_dump said: Dumping the contents of table "a" failed: FATAL:  terminating connection due to administrator command.',
  );
});

test('of a program that names no error, the last line is told', () => {
  expect(told('one', 'pg_dump: two', '')).toBe('The back-up failed. pg_dump said: pg_dump: two.');
  expect(told(DYING)).toContain('a worker process died unexpectedly');
  expect(told('')).toContain('pg_dump said: nothing.');
});
