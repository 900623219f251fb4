import { createServer } from 'node:net';

/** A port of 127.0.0.1 that was free a moment ago: whoever takes it has to be ready to ask again. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string')
          reject(new Error('The system gave no port.'));
        else resolve(address.port);
      });
    });
  });
}
