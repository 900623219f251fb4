/** `npm start [bot|worker|all]`: builds everything once, by hand, and ends it in order. */
import { z } from 'zod';
import type { Backout } from './backout.ts';
import { startBackout } from './backout.ts';
import { ConfigProblems, readConfig } from './config.ts';
import { describeError, openLog } from './log.ts';

const NODE_MAJOR_MIN = 24;
const Role = z.enum(['bot', 'worker', 'all']);
/**
 * What can begin again elsewhere is broken off within seconds; a database that is being changed is not.
 * Whoever kills earlier than this leaves an operation that has to be looked at.
 */
const GRACE_MS = 11 * 60_000;

async function main(): Promise<void> {
  const [major] = process.versions.node.split('.').map(Number);
  if ((major ?? 0) < NODE_MAJOR_MIN) {
    fail(`Backout needs Node ${NODE_MAJOR_MIN} or newer; this is ${process.versions.node}.`);
  }
  const role = Role.safeParse(process.argv[2] ?? 'all');
  if (!role.success) fail(`Say \`npm start bot\`, \`npm start worker\` or \`npm start all\`.`);
  const config = readConfig(role.data);
  const log = openLog({ level: config.logLevel, role: role.data });
  for (const warning of config.warnings) log.warn({}, warning);
  const backout = await startBackout({ config, role: role.data, log });
  log.info({ port: backout.port }, 'Backout is running');
  endInOrder(backout, (message) => log.info({}, message));
}

function endInOrder(backout: Backout, say: (message: string) => void): void {
  let isEnding = false;
  const end = (signal: string): void => {
    if (isEnding) return;
    isEnding = true;
    say(`${signal}: no new work; what runs is finished or handed over`);
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    backout.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

main().catch((error: unknown) => {
  if (error instanceof ConfigProblems) fail(error.message);
  const { message } = describeError(error);
  fail(`Backout could not start: ${String(message)}`);
});
