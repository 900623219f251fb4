/** What the page asks of the demo around the workspace. */
import { z } from 'zod';

import { receive, send } from '../slack/http.ts';
import type { JsonObject } from '../slack/json.ts';
import { decodeJson } from '../slack/json.ts';
import type { ExtraRoute } from '../slack/server.ts';

/** `saw` is what to tell the person when it is refused. */
export type Deed = { readonly ok: true } | { readonly ok: false; readonly saw: string };

export interface DemoDesk {
  state(): Promise<JsonObject>;
  watch(): Promise<Deed>;
  breakAgain(): Promise<Deed>;
  /** Answers the call with this id. */
  acknowledge(id: string): Promise<Deed>;
}

const Acknowledged = z.object({ id: z.string() });

export function demoRoutes(desk: DemoDesk): readonly ExtraRoute[] {
  const post = (path: string, deed: (body: unknown) => Promise<Deed>): ExtraRoute => ({
    method: 'POST',
    path,
    async handler(request, response) {
      const { body } = await receive(request);
      const done = await deed(decodeJson(body.toString())).catch((error: unknown): Deed => {
        return { ok: false, saw: error instanceof Error ? error.message : String(error) };
      });
      send(response, { status: done.ok ? 200 : 409, body: { saw: '', ...done } });
    },
  });
  return [
    {
      method: 'GET',
      path: '/demo/state',
      async handler(_request, response) {
        send(response, {
          status: 200,
          headers: { 'cache-control': 'no-store' },
          body: await desk.state(),
        });
      },
    },
    post('/demo/watch', () => desk.watch()),
    post('/demo/break', () => desk.breakAgain()),
    post('/demo/ack', (body) => desk.acknowledge(Acknowledged.parse(body).id)),
  ];
}
