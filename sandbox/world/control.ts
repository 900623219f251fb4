/** Keeps the world's two services as children of this process, and takes the team's orders over HTTP. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

import { makePrivateFolder, removeFolder } from '../servers/folders.ts';
import { startOwned, type OwnedChild } from '../servers/owned-child.ts';
import { freePort } from '../servers/ports.ts';
import { close, listen, portOf, type Answer, type Asked } from './services/http.ts';
import type { ReleaseNumber, ServiceName } from './services/release.ts';

const PROGRAM = join(import.meta.dirname, 'services', 'main.ts');
const LISTENING_TIMEOUT_MS = 20_000;
const STOP_GRACE_MS = 5_000;
const NEWEST: ReleaseNumber = 8;
const OLDEST: ReleaseNumber = 7;

export interface ServiceState {
  readonly state: 'running' | 'stopped';
  /** The release that runs, or that would be started. */
  readonly release: ReleaseNumber;
}

export interface Control {
  readonly url: string;
  readonly addresses: Readonly<Record<ServiceName, string>>;
  stateOf(name: ServiceName): ServiceState;
  /** The last lines that a service logged. */
  logOf(name: ServiceName): readonly string[];
  isInMaintenance(): boolean;
  /** Both services in the newest release and running, no maintenance: as on the day it broke. */
  begin(): Promise<void>;
  end(): Promise<void>;
}

interface Kept {
  readonly name: ServiceName;
  readonly port: number;
  release: ReleaseNumber;
  child: OwnedChild | null;
  /** Orders to one service are carried out one after the other. */
  queue: Promise<unknown>;
}

export async function startControl(databaseUrl: string): Promise<Control> {
  const folder = makePrivateFolder('world', null);
  const maintenanceFile = join(folder, 'maintenance');
  const services = {
    'auth-service': await keep('auth-service'),
    'gateway-service': await keep('gateway-service'),
  };
  const addressOf = (name: ServiceName): string => `http://127.0.0.1:${services[name].port}`;
  const environment = {
    DATABASE_URL: databaseUrl,
    AUTH_URL: addressOf('auth-service'),
    MAINTENANCE_FILE: maintenanceFile,
  };
  const start = (kept: Kept): Promise<void> => startService(kept, { folder, environment });
  const both = Object.values(services);

  const server = await listen(0, (asked) =>
    obey(asked, { services, start, maintenanceFile, addressOf }),
  );
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    addresses: {
      'auth-service': addressOf('auth-service'),
      'gateway-service': addressOf('gateway-service'),
    },
    stateOf: (name) => stateOf(services[name]),
    logOf: (name) => services[name].child?.lines() ?? [],
    isInMaintenance: () => existsSync(maintenanceFile),
    async begin() {
      await Promise.all(both.map((kept) => inTurn(kept, () => stopService(kept))));
      rmSync(maintenanceFile, { force: true });
      for (const kept of both) kept.release = NEWEST;
      await Promise.all(both.map((kept) => inTurn(kept, () => start(kept))));
    },
    async end() {
      await close(server);
      await Promise.all(both.map((kept) => inTurn(kept, () => stopService(kept))));
      removeFolder(folder);
    },
  };
}

interface Orders {
  readonly services: Readonly<Record<ServiceName, Kept>>;
  readonly maintenanceFile: string;
  start(kept: Kept): Promise<void>;
  addressOf(name: ServiceName): string;
}

const Path = z.tuple([
  z.literal(''),
  z.enum(['auth-service', 'gateway-service']),
  z.enum(['stop', 'start', 'status', 'previous', 'address']),
]);

async function obey(asked: Asked, orders: Orders): Promise<Answer> {
  if (asked.path === '/maintenance/on' || asked.path === '/maintenance/off') {
    const isOn = asked.path.endsWith('on');
    if (isOn) writeFileSync(orders.maintenanceFile, '');
    else rmSync(orders.maintenanceFile, { force: true });
    return { status: 200, body: { say: `maintenance is ${isOn ? 'on' : 'off'}` } };
  }
  const path = Path.safeParse(asked.path.split('/'));
  if (!path.success) return { status: 404, body: { error: 'There is no such order.' } };
  const [, name, order] = path.data;
  const kept = orders.services[name];
  if (order === 'address') return { status: 200, body: { say: orders.addressOf(name) } };
  await inTurn(kept, () => carryOut(order, kept, orders));
  const { state, release } = stateOf(kept);
  return { status: 200, body: { say: `${name} is ${state}, release ${release}`, state, release } };
}

async function carryOut(
  order: 'stop' | 'start' | 'status' | 'previous',
  kept: Kept,
  orders: Orders,
): Promise<void> {
  switch (order) {
    case 'stop':
      return stopService(kept);
    case 'start':
      return orders.start(kept);
    case 'previous':
      // Said twice it is still the one before the newest: there is nothing older.
      kept.release = OLDEST;
      return;
    case 'status':
      return;
  }
}

async function keep(name: ServiceName): Promise<Kept> {
  return { name, port: await freePort(), release: NEWEST, child: null, queue: Promise.resolve() };
}

function stateOf({ child, release }: Kept): ServiceState {
  return { state: child === null || child.hasEnded() ? 'stopped' : 'running', release };
}

async function startService(
  kept: Kept,
  {
    folder,
    environment,
  }: { readonly folder: string; readonly environment: Readonly<Record<string, string>> },
): Promise<void> {
  if (stateOf(kept).state === 'running') return;
  const child = await startOwned({
    file: process.execPath,
    args: [PROGRAM, kept.name, String(kept.release)],
    env: { ...environment, PORT: String(kept.port), PATH: process.env['PATH'] ?? '' },
    cwd: folder,
    user: null,
    signalOnDeath: 'SIGKILL',
    folder,
  });
  if (!(await child.says(/is listening$/, LISTENING_TIMEOUT_MS))) {
    await child.end('SIGKILL', 0);
    throw new Error(`${kept.name} did not start. It said: ${child.lines().join(' ')}`);
  }
  kept.child = child;
}

async function stopService(kept: Kept): Promise<void> {
  await kept.child?.end('SIGTERM', STOP_GRACE_MS);
  kept.child = null;
}

function inTurn(kept: Kept, work: () => Promise<void>): Promise<void> {
  const turn = kept.queue.then(work);
  kept.queue = turn.catch(() => undefined);
  return turn;
}
