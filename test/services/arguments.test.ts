import { expect, test } from 'vitest';
import { secretsAmong } from '../../src/services/arguments.ts';

test('what a variable calls a secret is one, however it abbreviates; a shell’s folder is none', () => {
  const env = {
    MYSQL_PWD: 'hunter2-one',
    DB_PASS: 'hunter2-two',
    DBPWD: 'hunter2-three',
    PWD: '/srv/backout',
    OLDPWD: '/srv/before',
    TOKEN_TTL: '30',
  };
  expect(secretsAmong(env)).toEqual(['hunter2-one', 'hunter2-two', 'hunter2-three']);
});
