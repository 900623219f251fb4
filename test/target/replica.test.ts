import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { makePrivateFolder, removeFolder } from '../../sandbox/servers/folders.ts';
import { startOwned } from '../../sandbox/servers/owned-child.ts';
import { freePort } from '../../sandbox/servers/ports.ts';
import { foundPrograms } from '../../sandbox/servers/programs.ts';
import { serverUser } from '../../sandbox/servers/user.ts';
import { pgEnvironment } from '../../src/programs/pg-environment.ts';
import { openTarget } from '../../src/target/target.ts';

test('a replica is known as one, and can be read', async () => {
  const user = serverUser();
  const folder = makePrivateFolder('postgres', user);
  const port = await freePort();
  const { env } = pgEnvironment(inject('postgres').superuserUrl, { applicationName: 'copy' });
  await promisify(execFile)(
    'pg_basebackup',
    ['--pgdata', join(folder, 'data'), '--write-recovery-conf', '--checkpoint=fast', '--no-sync'],
    { ...user, cwd: folder, env: { ...env, HOME: folder } },
  );
  const standby = await startOwned({
    file: join(foundPrograms().postgres, 'postgres'),
    args: [
      ['-D', join(folder, 'data')],
      ['-c', 'listen_addresses=127.0.0.1'],
      ['-c', 'unix_socket_directories='],
      ['-c', `port=${port}`],
      ['-c', 'max_connections=200'],
      ['-c', 'max_prepared_transactions=20'],
    ].flat(),
    env: { PATH: env['PATH'] ?? '', LC_ALL: 'C' },
    cwd: folder,
    user,
    signalOnDeath: 'SIGQUIT',
    folder,
  });
  const url = Object.assign(new URL(inject('postgres').superuserUrl), { port: String(port) }).href;
  const [primary, replica] = [inject('postgres').superuserUrl, url].map((each) =>
    openTarget({ url: each }),
  );
  try {
    expect(await standby.says(/ready to accept read-only connections/, 30_000)).toBe(true);
    const identity = await replica?.identity();

    expect(identity).toMatchObject({ isReplica: true, address: { port } });
    const { systemIdentifier, database } = (await primary?.identity()) ?? {};
    expect(identity).toMatchObject({ systemIdentifier, database });
    expect((await replica?.fingerprint())?.hash).toBe((await primary?.fingerprint())?.hash);
  } finally {
    await Promise.all([primary?.close(), replica?.close()]);
    await standby.end('SIGINT', 10_000);
    removeFolder(folder);
  }
});
