import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { ConfigFileSchema } from '../src/config-file.ts';
import { warningsOf } from '../src/config-problems.ts';
import { parseConfigFile } from '../src/config.ts';

const example = readFileSync(path.join(import.meta.dirname, '..', 'backout.example.yaml'), 'utf8');

function problemsOf(text: string): readonly string[] {
  return parseConfigFile(text, 'backout.yaml').problems;
}

test('what is missing under a name that is wrong itself is named with it', () => {
  expect(problemsOf('people: { "a b": { slack: anna } }\ntargets: { Auth2: {} }')).toEqual([
    'backout.yaml people.a b: expected letters, digits, . - and _, at most 40',
    'backout.yaml targets.Auth2: expected lower-case letters, digits, - and _, at most 40',
    'backout.yaml people.a b.slack: expected a Slack member id, for example U0ANNA',
    'backout.yaml targets.Auth2.database_url_env: expected text; it is missing',
    'backout.yaml targets.Auth2.environment: expected text; it is missing',
    'backout.yaml targets.Auth2.migrations: expected a mapping; it is missing',
  ]);
});

test('one person who alone holds both keys is said to be too few', () => {
  const alone = example
    .replace('people: [dora, dev]', 'people: [dora]')
    .replace(/(on_call:[\s\S]*?people: )\[[^\]]*\]/, '$1[dora]');
  const config = ConfigFileSchema.parse(parseDocument(alone).toJS());
  expect(warningsOf(config)).toEqual([
    'targets.auth.roles: only dora is on_call and dba; two different people have to approve, so nothing can be approved',
  ]);
});

test('a timeout that PostgreSQL or a timer could not hold is refused', () => {
  const policy = { lock_timeout_ms: 3_000_000_000, statement_timeout_ms: 2_147_483_000 };
  const document = parseDocument(example);
  for (const [key, ms] of Object.entries(policy)) {
    document.setIn(['targets', 'auth', 'policy', key], ms);
  }
  expect(problemsOf(String(document))).toEqual([
    'backout.yaml targets.auth.policy.lock_timeout_ms: expected at most 86400000',
    'backout.yaml targets.auth.policy.statement_timeout_ms: expected at most 86400000',
  ]);
});
