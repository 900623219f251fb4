/** A small company on one machine: its database is broken for real, its services fail for real. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';

import { foundPrograms } from '../servers/programs.ts';
import { backoutConfig } from './backout-config.ts';
import { startControl, type Control } from './control.ts';
import { makeWorldDatabase, type WorldDatabase } from './database.ts';
import { startPager, type Pager } from './pager/pager.ts';
import type { ServiceName } from './services/release.ts';
import { startTraffic, type Traffic } from './traffic.ts';

const HEALTH_TIMEOUT_MS = 5_000;
const Health = z.object({ reason: z.string() }).partial();

export interface WorldOptions {
  /** Of the server on which the database is made. */
  readonly superuserUrl: string;
  /** Of the database; worlds that share a server need different ones. */
  readonly name?: string;
  readonly homeChannel?: string;
}

export interface ServiceHealth {
  readonly status: 'healthy' | 'failing' | 'stopped';
  readonly reason: string | null;
}

export interface World {
  readonly database: WorldDatabase;
  readonly control: Control;
  readonly traffic: Traffic;
  readonly pager: Pager;
  /** The text of a backout.yaml for the target `auth`. */
  readonly backoutConfig: string;
  /** What that file's variables stand for, and where the pager is; secrets among them. */
  readonly environment: Readonly<Record<string, string>>;
  healthOf(name: ServiceName): Promise<ServiceHealth>;
  /** A fresh, broken target: both services in the newest release, nobody called, traffic counted from zero. */
  breakAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it all: the newest release of both services is running, and most of their requests fail. */
export async function startWorld({
  superuserUrl,
  name = 'auth',
  homeChannel = 'C0INCIDENTS',
}: WorldOptions): Promise<World> {
  const keys = { onCall: routingKey(), dba: routingKey(), dora: routingKey() };
  const webhookSecret = randomBytes(24).toString('base64url');
  const [database, pager] = await Promise.all([
    makeWorldDatabase({ superuserUrl, name }),
    startPager({
      keys: { [keys.onCall]: 'on-call', [keys.dba]: 'database administrator', [keys.dora]: 'dora' },
      webhookSecret,
    }),
  ]);
  const control = await startControl(database.serviceUrl);
  await control.begin();
  const traffic = startTraffic(control.addresses['gateway-service']);

  return {
    database,
    control,
    traffic,
    pager,
    backoutConfig: backoutConfig({
      controlUrl: control.url,
      addresses: control.addresses,
      homeChannel,
      tool: foundPrograms().migrate === null ? 'built-in' : 'golang-migrate',
    }),
    environment: {
      AUTH_DATABASE_URL: database.ownerUrl,
      PD_ONCALL: keys.onCall,
      PD_DBA: keys.dba,
      PD_DORA: keys.dora,
      PAT_PAGER: `${pager.url}/webhook/pat`,
      PAGERDUTY_URL: pager.url,
      PAGERDUTY_WEBHOOK_SECRET: webhookSecret,
    },
    healthOf: (service) => healthOf(control, service),
    async breakAgain() {
      await database.breakAgain();
      await control.begin();
      pager.forget();
      traffic.forget();
    },
    async stop() {
      await traffic.stop();
      await Promise.all([control.end(), pager.stop()]);
      await database.drop();
    },
  };
}

async function healthOf(control: Control, name: ServiceName): Promise<ServiceHealth> {
  if (control.stateOf(name).state === 'stopped') return { status: 'stopped', reason: null };
  try {
    const response = await fetch(`${control.addresses[name]}/health`, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    });
    const { reason = null } = Health.parse(await response.json());
    return { status: response.ok ? 'healthy' : 'failing', reason };
  } catch {
    return { status: 'failing', reason: 'It does not answer.' };
  }
}

/** As long as PagerDuty's. */
function routingKey(): string {
  return randomBytes(16).toString('hex');
}
