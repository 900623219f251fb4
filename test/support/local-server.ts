import { createServer, type RequestListener } from 'node:http';

export interface LocalServer extends AsyncDisposable {
  readonly url: string;
}

/** A real HTTP server on a free port of 127.0.0.1; `await using` ends it, with whoever still waits for an answer. */
export async function localServer(answer: RequestListener): Promise<LocalServer> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
