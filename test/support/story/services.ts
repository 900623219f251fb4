/** Two services with real connections to the target, and the supervisor by which the team stops and starts them. */
import { createServer as createSupervisor } from 'node:net';
import { createServer as createHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';

/** The release that broke everything, and the one before it. */
export type Release = 'new' | 'old';
export type ServiceName = 'auth-service' | 'gateway-service';
export const SERVICES: readonly ServiceName[] = ['auth-service', 'gateway-service'];

/** What each release asks of the schema: the new one of version 4, the old one of version 3. */
const QUESTIONS: Readonly<Record<Release, string>> = {
  new: 'select contact from people limit 1',
  old: 'select email from people limit 1',
};

export interface Held {
  /** Resolves when the order was given. */
  readonly arrived: Promise<void>;
  readonly letGo: () => void;
}

interface Hurdle extends Held {
  readonly arrive: () => void;
  readonly free: Promise<void>;
}

function aHurdle(): Hurdle {
  const arriving = Promise.withResolvers<void>();
  const freeing = Promise.withResolvers<void>();
  return {
    arrived: arriving.promise,
    arrive: arriving.resolve,
    free: freeing.promise,
    letGo: freeing.resolve,
  };
}

export interface Services extends AsyncDisposable {
  readonly supervisorPort: number;
  readonly healthUrl: string;
  /** `running new`, `stopped old`, … */
  readonly state: (name: ServiceName) => string;
  readonly isInMaintenance: () => boolean;
  /** Everything that was ordered, as `stop auth-service`. */
  readonly orders: () => readonly string[];
  /** From now on this order is refused, until it is allowed again. */
  readonly refuse: (order: string) => void;
  readonly allow: (order: string) => void;
  /** The next such order is held up until it is let go. */
  readonly hold: (order: string) => Held;
  /** The command line for an order, as it stands in backout.yaml. */
  readonly command: (verb: string, about: string) => readonly string[];
}

interface Service {
  readonly name: ServiceName;
  release: Release;
  client: Client | null;
}

export async function startServices(databaseUrl: string): Promise<Services> {
  const services = SERVICES.map((name): Service => ({ name, release: 'new', client: null }));
  const refused = new Set<string>();
  const hurdles = new Map<string, Hurdle>();
  const orders: string[] = [];
  let isInMaintenance = false;
  for (const one of services) await start(one, databaseUrl);

  const obey = async (order: string): Promise<string> => {
    const [verb = '', about = ''] = order.split(' ');
    if (verb !== 'status') orders.push(order);
    const hurdle = hurdles.get(order);
    hurdles.delete(order);
    hurdle?.arrive();
    await hurdle?.free;
    if (refused.has(order)) return '1 the deployment is locked';
    if (verb === 'maintenance') {
      isInMaintenance = about === 'on';
      return `0 maintenance is ${about}`;
    }
    const service = services.find((one) => one.name === about);
    return service === undefined ? '4 there is no such service' : does(service, verb, databaseUrl);
  };

  const supervisor = createSupervisor((socket) => {
    socket.on('error', () => undefined);
    createInterface({ input: socket }).once('line', (order) => {
      void obey(order).then((answer) => socket.end(`${answer}\n`));
    });
  });
  const health = createHttp((request, response) => {
    const service = services.find((one) => request.url === `/${one.name}`);
    void healthOf(service).then((problem) => {
      response.statusCode = problem === null ? 200 : 503;
      response.end(JSON.stringify({ problem }));
    });
  });
  const [supervisorPort, healthPort] = await Promise.all([listen(supervisor), listen(health)]);
  return {
    supervisorPort,
    healthUrl: `http://127.0.0.1:${healthPort}`,
    state: (name) => {
      const service = services.find((one) => one.name === name);
      return `${service?.client ? 'running' : 'stopped'} ${service?.release}`;
    },
    isInMaintenance: () => isInMaintenance,
    orders: () => orders,
    refuse: (order) => refused.add(order),
    allow: (order) => refused.delete(order),
    hold: (order) => {
      const hurdle = aHurdle();
      hurdles.set(order, hurdle);
      return hurdle;
    },
    command: (verb, about) => [
      'bash',
      join(import.meta.dirname, 'service.sh'),
      String(supervisorPort),
      verb,
      about,
    ],
    async [Symbol.asyncDispose]() {
      for (const hurdle of hurdles.values()) hurdle.letGo();
      await Promise.all(services.map(stop));
      health.closeAllConnections();
      await Promise.all([supervisor, health].map((one) => new Promise((done) => one.close(done))));
    },
  };
}

async function listen(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): AddressInfo | string | null;
}): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port.');
  return address.port;
}

async function start(service: Service, databaseUrl: string): Promise<void> {
  if (service.client !== null) return;
  const client = new Client({ connectionString: databaseUrl, application_name: service.name });
  client.on('error', () => undefined);
  await client.connect();
  service.client = client;
}

async function stop(service: Service): Promise<void> {
  const { client } = service;
  service.client = null;
  await client?.end();
}

/** The exit code of the team's command, and what it says. */
async function does(service: Service, verb: string, databaseUrl: string): Promise<string> {
  switch (verb) {
    case 'status':
      return service.client === null ? '3 stopped' : '0 running';
    case 'stop':
      await stop(service);
      return '0 was stopped';
    case 'start':
      await start(service, databaseUrl);
      return '0 was started';
    case 'previous':
      service.release = 'old';
      return '0 the version before starts from now on';
    case 'smoke': {
      const problem = await healthOf(service);
      return problem === null ? '0 an order can be placed' : `1 ${problem}`;
    }
    default:
      return '4 what is that?';
  }
}

/** What its own code says of the schema that it meets; null when it is well. */
async function healthOf(service: Service | undefined): Promise<string | null> {
  if (service?.client === undefined || service.client === null) return 'it is stopped';
  try {
    await service.client.query(QUESTIONS[service.release]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'it fails';
  }
}
