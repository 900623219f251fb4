/** A bot or a worker of a story in a process of its own, so that it can be killed. */
import { startBackout } from '../../../src/backout.ts';
import type { ProcessRole } from '../../../src/config.ts';
import { readConfig } from '../../../src/config.ts';
import { openLog } from '../../../src/log.ts';
import { quickPace } from './pace.ts';

const ROLES: readonly ProcessRole[] = ['bot', 'worker', 'all'];
const role = ROLES.find((one) => one === process.argv[2]) ?? 'all';
const config = readConfig(role);
const log = openLog({ level: config.logLevel, role });
const leaseSeconds = Number(process.env['STORY_LEASE_SECONDS']);
const backout = await startBackout({ config, role, log, leaseSeconds, pace: quickPace() });
process.stdout.write(`ready on port ${backout.port}\n`);
process.on('SIGTERM', () => {
  void backout.stop().then(() => process.exit(0));
});
