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

test(
  'a demo that stays lets people play, breaks again only what nobody works on, and ends in order',
  { timeout: 3 * START_TIMEOUT_MS },
  async () => {
    const { child, pid, says, ended } = demo('--serve');
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
    expect(await post('/demo/break', {})).toEqual({ ok: true, saw: '' });

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

    const processes = descendants(pid);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await expectNothingLeftOf(pid, processes);
  },
);
