import { connect, createServer, type Socket } from 'node:net';

/**
 * Before a real server. Its connections can fall silent: they stay open and carry nothing any more, as after a
 * failover without a reset. Those that are made afterwards work.
 */
export interface SilentProxy extends AsyncDisposable {
  /** The same address, through the proxy. */
  urlOf(url: string): string;
  silence(): void;
}

export async function silentProxy(url: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(url);
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const one of pair) one.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port.');
  return {
    urlOf: (asked) => Object.assign(new URL(asked), { port: String(address.port) }).href,
    silence() {
      for (const [near, far] of pairs) {
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of [...pairs].flat()) socket.destroy();
      await closed;
    },
  };
}
