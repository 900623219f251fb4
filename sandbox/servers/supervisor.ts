/**
 * Stands between an owner and its child where a child cannot ask to die with its parent: the pipe from the
 * owner closes however the owner ends, and then the child is ended too.
 */
import { spawn } from 'node:child_process';
import { z } from 'zod';

const GRACE_MS = 5_000;
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const;

const Order = z.object({
  file: z.string(),
  args: z.array(z.string()),
  signalOnDeath: z.enum(['SIGQUIT', 'SIGKILL', 'SIGTERM']),
  user: z.object({ uid: z.number(), gid: z.number() }).nullable(),
});

const order = Order.parse(JSON.parse(process.argv[2] ?? '{}'));
const child = spawn(order.file, order.args, {
  ...order.user,
  stdio: ['ignore', 'inherit', 'inherit'],
});

for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
// Output that nobody reads any more must not end us before the child has ended.
process.on('SIGPIPE', () => undefined);
process.stdin.on('end', endChild).on('error', endChild).resume();
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(127);
});
child.on('exit', (code) => process.exit(code ?? 1));

function endChild(): void {
  child.kill(order.signalOnDeath);
  setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
}
