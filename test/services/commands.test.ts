import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fault, type ServicesDoor } from '../../src/doors.ts';
import type { CommandLine, Service, Target } from '../../src/incident/target.ts';
import { servicesByCommands, type CommandsSetup } from '../../src/services/commands.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'backout-services-'));
  await cp(path.join(import.meta.dirname, 'fixtures/service.sh'), path.join(folder, 'service.sh'));
  await writeFile(path.join(folder, 'state'), 'running');
});
afterEach(() => rm(folder, { recursive: true }));

const patience = { signal: new AbortController().signal };

function sh(...words: readonly string[]): CommandLine {
  return ['sh', './service.sh', ...words];
}

function aService(parts: Partial<Service> = {}): Service {
  return {
    name: 'auth-service',
    commands: { stop: sh('stop'), start: sh('start'), status: sh('status') },
    applicationNames: [],
    endpoints: [],
    caches: [],
    ...parts,
  };
}

function aTarget(parts: Partial<Target> = {}): Target {
  return {
    name: 'auth',
    environment: 'production',
    privateChannel: false,
    databaseUrlEnv: 'AUTH_DATABASE_URL',
    migrations: { tool: 'built-in', path: '.' },
    services: [],
    roles: {},
    policy: {
      approvalTtlMinutes: 30,
      lockTimeoutMs: 5_000,
      statementTimeoutMs: 600_000,
      start: 'on_approval',
      require: [],
      approvalPageMinutes: 5,
      archiveAfterMinutes: 60,
    },
    ...parts,
  };
}

function theDoor(parts: Partial<CommandsSetup> = {}): ServicesDoor {
  return servicesByCommands({
    target: aTarget(),
    env: { PATH: process.env['PATH'] ?? '' },
    secrets: [],
    cwd: folder,
    ...parts,
  });
}

async function faultOf(doing: Promise<unknown>): Promise<Fault> {
  const problem: unknown = await doing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (problem instanceof Fault) return problem;
  throw new Error('It was meant to end in a Fault.', { cause: problem });
}

describe('the team’s own commands', () => {
  test('a status command that exits 0 means running, 3 stopped, and anything else unknown', async () => {
    const door = theDoor();
    expect(await door.status(aService(), patience)).toBe('running');
    await writeFile(path.join(folder, 'state'), 'stopped');
    expect(await door.status(aService(), patience)).toBe('stopped');
    await writeFile(path.join(folder, 'state'), 'who knows');
    expect(await door.status(aService(), patience)).toBe('unknown');
  });

  test('a status command that does not end in time means unknown', async () => {
    const door = theDoor({ timeouts: { statusMs: 100 } });
    const commands = { stop: sh('stop'), start: sh('start'), status: sh('hang') };
    expect(await door.status(aService({ commands }), patience)).toBe('unknown');
  });

  test('stopping and starting run in the folder of the configuration file', async () => {
    const door = theDoor();
    expect(await door.stop(aService(), patience)).toEqual({ ok: true, tail: 'was stopped' });
    expect(await door.status(aService(), patience)).toBe('stopped');
    expect(await door.start(aService(), patience)).toEqual({ ok: true, tail: 'was started' });
    expect(await door.status(aService(), patience)).toBe('running');
  });

  test('a command that fails says what it printed and how it exited', async () => {
    const commands = { stop: sh('fail'), start: sh('start'), status: sh('status') };
    expect(await theDoor().stop(aService({ commands }), patience)).toEqual({
      ok: false,
      tail: 'the deployment is locked\n`sh` exited 7.',
    });
  });

  test('what looks like a secret among the variables that a program was given is not shown', async () => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      TEAM_KEY: 'zzTopSecret99',
      QUEUE_URL: 'amqp://queue:rabbit%2Fhole@queue:5672',
      REGION: 'eu-central-1',
      TOKEN_TTL: '30',
    };
    const words = ['printenv TEAM_KEY QUEUE_URL REGION TOKEN_TTL; echo rabbit/hole'];
    const smoke: CommandLine = ['sh', '-c', ...words];
    const { tail } = await theDoor({ env }).smoke(aService({ smoke }), patience);

    expect(tail).toBe('•••\n•••\neu-central-1\n30\n•••');
  });

  test('what one command takes from the environment is not shown by another', async () => {
    const env = { PATH: process.env['PATH'] ?? '', CLUSTER: 'blue-7' };
    const commands = { stop: sh('stop', '$CLUSTER'), start: sh('start'), status: sh('status') };
    const smoke: CommandLine = ['printenv', 'CLUSTER'];
    const service = aService({ commands, smoke });
    const door = theDoor({ env, target: aTarget({ services: [service] }) });

    expect(await door.smoke(service, patience)).toEqual({ ok: true, tail: '•••' });
  });

  test('a command that hangs is ended and said to have hung', async () => {
    const commands = { stop: sh('hang'), start: sh('start'), status: sh('status') };
    const door = theDoor({ timeouts: { stopMs: 200 } });
    expect(await door.stop(aService({ commands }), patience)).toEqual({
      ok: false,
      tail: 'waiting\n`sh` did not finish within 0.2 s and was ended.',
    });
  });

  test('an abort in the middle is a fault, never an outcome', async () => {
    const commands = { stop: sh('hang'), start: sh('start'), status: sh('status') };
    const stopping = new AbortController();
    const ending = faultOf(theDoor().stop(aService({ commands }), { signal: stopping.signal }));
    stopping.abort();
    expect((await ending).why).toBe('stopped');
  });

  test('a program that is not there is named', async () => {
    const commands = { stop: ['kubectll'], start: sh('start'), status: sh('status') } as const;
    const fault = await faultOf(theDoor().stop(aService({ commands }), patience));
    expect(fault.why).toBe('not-found');
    expect(fault.say).toContain('kubectll');
  });

  test('what is not configured is not a success', async () => {
    const door = theDoor();
    expect(await door.previous(aService(), patience)).toMatchObject({ ok: false });
    expect(await door.health(aService(), patience)).toMatchObject({ ok: false });
    expect(await door.smoke(aService(), patience)).toMatchObject({ ok: false });
  });

  test('the previous version and the smoke test are commands like the others', async () => {
    const previous = sh('say', 'v41 starts next');
    const service = aService({
      commands: { ...aService().commands, previous },
      smoke: sh('say', '3 of 3'),
    });
    const door = theDoor();
    expect(await door.previous(service, patience)).toEqual({ ok: true, tail: 'v41 starts next' });
    expect(await door.smoke(service, patience)).toEqual({ ok: true, tail: '3 of 3' });
  });

  test('maintenance is nothing to do where there is none, and a failing "off" is said', async () => {
    expect(await theDoor().maintenance('on', patience)).toMatchObject({ ok: true });
    const door = theDoor({
      target: aTarget({ maintenance: { on: sh('touch', 'closed'), off: sh('fail') } }),
    });
    expect(await door.maintenance('on', patience)).toMatchObject({ ok: true });
    expect(await readdir(folder)).toContain('closed');
    expect(await door.maintenance('off', patience)).toMatchObject({ ok: false });
  });
});

describe('caches', () => {
  test('every cache is invalidated, also after one that failed', async () => {
    const caches = [sh('fail'), ['no-such-program'], sh('touch', 'third')] as const;
    const outcome = await theDoor().invalidateCaches(aService({ caches }), patience);
    expect(outcome.ok).toBe(false);
    expect(outcome.tail).toContain('the deployment is locked');
    expect(outcome.tail).toContain('no-such-program');
    expect(await readdir(folder)).toContain('third');
  });

  test('a service without caches has nothing to invalidate', async () => {
    expect(await theDoor().invalidateCaches(aService(), patience)).toMatchObject({ ok: true });
  });
});

describe('variables and secrets', () => {
  const searchPath = process.env['PATH'] ?? '';

  test('a $NAME argument is filled in, and its value is masked in what is shown', async () => {
    const caches = [sh('say', 'deleting', '$CACHE_URL', '--again=$CACHE_URL')];
    const env = { PATH: searchPath, CACHE_URL: 'redis-hunter2-host' };
    const outcome = await theDoor({ env }).invalidateCaches(aService({ caches }), patience);
    expect(outcome).toEqual({ ok: true, tail: 'deleting ••• --again=•••' });
  });

  test('a variable that is not set is named before anything runs', async () => {
    const commands = { stop: sh('touch', '$NOT_SET'), start: sh('start'), status: sh('status') };
    const fault = await faultOf(theDoor().stop(aService({ commands }), patience));
    expect(fault.say).toContain('NOT_SET');
    expect((await readdir(folder)).sort()).toEqual(['service.sh', 'state']);
  });

  test('a dollar sign inside other text is the program’s own', async () => {
    const smoke = ['sh', '-c', 'for each in a b; do printf %s "$each"; done'] as const;
    expect(await theDoor().smoke(aService({ smoke }), patience)).toEqual({ ok: true, tail: 'ab' });
  });

  test('the programs see the team’s variables and none of our own', async () => {
    const target = aTarget({
      roles: { dba: { people: ['dora'], page: { kind: 'pagerduty', keyEnv: 'PD_DBA' } } },
    });
    const env = {
      PATH: searchPath,
      KUBECONFIG: '/etc/kube',
      PD_DBA: 'key-of-the-dba',
      PORT: '3000',
      SLACK_BOT_TOKEN: 'xoxb-1',
      STORE_URL: 'postgres://store',
    };
    const smoke = sh('environment');
    const { tail } = await theDoor({ target, env }).smoke(aService({ smoke }), patience);
    expect(tail).toContain('KUBECONFIG=/etc/kube');
    expect(tail).not.toMatch(/PD_DBA|PORT|SLACK_BOT_TOKEN|STORE_URL/);
  });

  test('a secret that a program prints is masked', async () => {
    const smoke = sh('say', 'logging in with', 'correct-horse');
    const door = theDoor({ secrets: ['correct-horse'] });
    expect(await door.smoke(aService({ smoke }), patience)).toEqual({
      ok: true,
      tail: 'logging in with •••',
    });
  });
});
