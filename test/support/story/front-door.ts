import { request } from 'node:http';
import type { LocalServer } from '../local-server.ts';
import { localServer } from '../local-server.ts';

/** What stands before several bots: each delivery goes to the next of them. */
export async function frontDoor(ports: () => readonly number[]): Promise<LocalServer> {
  let turn = 0;
  return localServer((asked, answer) => {
    const open = ports();
    const port = open[turn % open.length] ?? 0;
    turn += 1;
    const { method, url, headers } = asked;
    const passed = request({ host: '127.0.0.1', port, method, path: url, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    passed.on('error', () => answer.writeHead(502).end());
    asked.pipe(passed);
  });
}
