import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';

import { descendants } from '../../sandbox/demo/processes.ts';
import { isAlive } from '../../sandbox/servers/folders.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'sandbox', 'main.ts');
const WALK_TIMEOUT_MS = 240_000;
const START_TIMEOUT_MS = 90_000;
const GONE_TIMEOUT_MS = 20_000;

interface Demo {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly said: () => string;
  /** Resolves when this was said. */
  readonly says: (text: RegExp) => Promise<RegExpExecArray>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** As in a script: nobody types, nobody looks. */
function demo(...args: readonly string[]): Demo {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SANDBOX_PORT: '0' },
  });
  let text = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
  }
  const ended = once(child, 'close').then(() => child.exitCode ?? child.signalCode ?? 'unknown');
  return {
    child,
    pid: child.pid ?? 0,
    said: () => text,
    ended,
    says: (pattern) =>
      vi.waitFor(
        () => {
          const found = pattern.exec(text);
          if (found !== null) return found;
          throw new Error(`It has not said ${String(pattern)} yet, but:\n${text}`);
        },
        { timeout: START_TIMEOUT_MS, interval: 50 },
      ),
  };
}

async function expectNothingLeftOf(pid: number, processes: readonly number[]): Promise<void> {
  await vi.waitFor(
    () => {
      expect(processes.filter(isAlive)).toEqual([]);
      expect(readdirSync(tmpdir()).filter((name) => name.includes(`-${pid}-`))).toEqual([]);
    },
    { timeout: GONE_TIMEOUT_MS, interval: 50 },
  );
}

test(
  'without a terminal the demo plays a whole rollback by itself, and ends well only when all is well',
  { timeout: WALK_TIMEOUT_MS },
  async () => {
    const { ended, said, pid } = demo();
    expect(await ended, said()).toBe(0);
    const done = said()
      .split('\n')
      .flatMap((line) => /^( ?\d+\. .*?) +done$/.exec(line)?.[1] ?? []);
    expect(done).toEqual([
      ' 1. Identify the Issue',
      ' 2. Assess Data Changes',
      ' 3. Service Dependencies',
      ' 4. Preparation Steps',
      ' 5. Service Coordination',
      ' 6. Execute Rollback',
      ' 7. Data Recovery (if needed)',
      ' 8. Database Verification',
      ' 9. Application Testing',
      '10. Performance Check',
      '11. If Rollback Fails',
      '12. Post-Incident Actions',
    ]);
    const items = said()
      .split('\n')
      .flatMap((line) => /^ {4}[✓–◦] (\d+\.\d+) /.exec(line)?.[1] ?? []);
    expect([...new Set(items)]).toHaveLength(40);
    expect(said()).toMatch(/ {4}◦ 6\.1 .* a preview\n/);
    expect(said()).toContain('a preview and\n                 not proven: 6.1.');
    // Approving has answered sections 1 to 3: nobody says it again.
    expect(said()).toContain('types /rollback check 12.1 done');
    expect(said()).not.toMatch(/types \/rollback check [123]\./);
    expect(said()).toContain('The database is at version 7, not dirty.');
    expect(said()).toContain('gateway-service is healthy in release 7.');
    expect(said()).toContain('Not a row has changed in');
    expect(said()).toContain('INC-1-post-mortem.md');
    expect(said()).not.toContain('\u001b');
    const [real = '', ...lines] = said().split('\n');
    expect(real).toContain('Stand-ins: Slack, the pager.');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    await expectNothingLeftOf(pid, []);
  },
);

test(
  'ended with Ctrl-C while it plays, the demo tells nothing more but that it ends',
  { timeout: 2 * START_TIMEOUT_MS },
  async () => {
    const { child, pid, says, said, ended } = demo('--walk');
    await says(/maintenance mode is on/);
    const processes = descendants(pid);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(said().split('Ending …\n').at(-1)).toBe('');
    await expectNothingLeftOf(pid, processes);
  },
);

test(
  'killed in the middle, the demo leaves no process and no folder',
  { timeout: 2 * START_TIMEOUT_MS },
  async () => {
    const { child, pid, says, ended } = demo('--walk');
    await says(/types \/rollback start/);
    const processes = descendants(pid);
    // PostgreSQL, Redis, two services, bot, worker, and who cleans up after them.
    expect(processes.length).toBeGreaterThanOrEqual(7);
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    await expectNothingLeftOf(pid, processes);
  },
);

const State = z.object({
  story: z.enum(['idle', 'playing', 'ended']),
  said: z.string(),
  services: z.array(z.object({ name: z.string(), healthy: z.boolean(), says: z.string() })),
  successRate: z.number().nullable(),
  pages: z.array(
    z.object({
      id: z.string(),
      who: z.string(),
      at: z.string(),
      state: z.enum(['called', 'acknowledged']),
    }),
  ),
  target: z.object({ version: z.number(), dirty: z.boolean() }),
  canBreak: z.boolean(),
  people: z.array(z.object({ id: z.string(), role: z.string() })),
});

const Seen = z.object({
  channels: z.array(z.object({ id: z.string(), name: z.string() })),
  messages: z.record(z.string(), z.array(z.object({ text: z.string() }))),
});

test(
  'a demo that stays lets people play, does once what is pressed twice, breaks again only what nobody works on, and ends in order',
  { timeout: 3 * START_TIMEOUT_MS },
  async () => {
    const { child, pid, said, says, ended } = demo('--serve');
    const [, url = ''] = await says(/Open (http:\/\/127\.0\.0\.1:\d+)\//);
    const state = async (): Promise<z.infer<typeof State>> =>
      State.parse(await (await fetch(`${url}/demo/state`)).json());
    const post = async (path: string, body: object): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' };
      const sent = { method: 'POST', headers, body: JSON.stringify(body) };
      return (await fetch(`${url}${path}`, sent)).json();
    };

    expect(await (await fetch(url)).text()).toContain('<html');
    expect(await state()).toMatchObject({
      story: 'idle',
      canBreak: true,
      target: { version: 8, dirty: false },
      services: [{ healthy: false }, { healthy: false }],
    });
    expect((await state()).people).toContainEqual({
      id: 'U0DORA',
      role: 'database administrator',
    });
    const room = async (name: string): Promise<{ readonly id: string; readonly said: string }> => {
      const seen = Seen.parse(await (await fetch(`${url}/page/state?user=U0ANNA`)).json());
      const id = seen.channels.find((one) => one.name === name)?.id ?? '';
      return { id, said: (seen.messages[id] ?? []).map(({ text }) => text).join('\n') };
    };
    const twice = (path: string): Promise<readonly unknown[]> =>
      Promise.all([post(path, {}), post(path, {})]);
    expect(await twice('/demo/break')).toMatchObject([{ ok: true }, { ok: false }]);
    expect((await state()).said).toBe(
      'People cannot log in. Type /rollback start, or watch it being done.',
    );

    await post('/page/as/U0ANNA/command', {
      channel: 'C0INCIDENTS',
      text: '/rollback start auth logins fail',
    });
    for (const deed of ['/demo/break', '/demo/watch']) {
      expect(await post(deed, {})).toEqual({
        ok: false,
        saw: 'INC-1 is still open for auth. Close it first: /rollback close in its channel.',
      });
    }
    const call = await vi.waitFor(
      async () => {
        const { pages, canBreak } = await state();
        expect(canBreak).toBe(false);
        return z.tuple([z.object({ id: z.string(), state: z.literal('called') })]).parse(pages)[0];
      },
      { timeout: START_TIMEOUT_MS, interval: 100 },
    );
    expect(await post('/demo/ack', { id: call.id })).toEqual({ ok: true, saw: '' });
    expect(await state()).toMatchObject({ pages: [{ state: 'acknowledged' }] });
    await expect
      .poll(async () => (await state()).said, { timeout: START_TIMEOUT_MS, interval: 100 })
      .toContain('A plan waits in #inc-1-auth');

    // A story ends when somebody at the page says no, and says so.
    const played = await room('inc-1-auth');
    await post('/page/as/U0ANNA/command', {
      channel: played.id,
      text: '/rollback close abandoned Played enough',
    });
    const soon = { timeout: START_TIMEOUT_MS, interval: 100 };
    await expect.poll(async () => (await state()).canBreak, soon).toBe(true);
    expect(await twice('/demo/watch')).toMatchObject([{ ok: true }, { ok: false }]);
    await expect
      .poll(async () => (await room('inc-2-auth')).said, soon)
      .toContain('The plan is ready');
    await post('/page/as/U0DEV/command', {
      channel: (await room('inc-2-auth')).id,
      text: '/rollback decline not tonight',
    });
    await expect
      .poll(async () => (await state()).said, soon)
      .toContain('declined the plan: not tonight');
    expect(await state()).toMatchObject({ story: 'ended', canBreak: false });
    expect((await state()).said).toMatch(/^The story stopped\. .* INC-2 is open in #inc-2-auth/);
    expect(said()).not.toContain('Everything that was said');

    const processes = descendants(pid);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await expectNothingLeftOf(pid, processes);
  },
);
