import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ok } from './answer.ts';
import { chatMethods } from './chat.ts';
import { channelMethods } from './channels.ts';
import type { Method } from './define.ts';
import { defineMethod } from './define.ts';
import { fileMethods } from './files.ts';
import { markMethods } from './marks.ts';
import { membershipMethods } from './membership.ts';
import { peopleMethods } from './people.ts';
import { readingMethods } from './reading.ts';
import { viewMethods } from './views.ts';

const openConnection = defineMethod({
  name: 'apps.connections.open',
  tier: 3,
  scopes: [],
  token: 'app',
  args: z.object({}),
  run(workspace) {
    const ticket = randomBytes(12).toString('hex');
    workspace.tickets.add(ticket);
    workspace.socketMode = true;
    const base = workspace.baseUrl.replace(/^http/, 'ws');
    return ok({ url: `${base}/link/?ticket=${ticket}&app_id=${workspace.app.appId}` });
  },
});

const all: readonly Method[] = [
  openConnection,
  ...chatMethods,
  ...channelMethods,
  ...membershipMethods,
  ...readingMethods,
  ...peopleMethods,
  ...markMethods,
  ...viewMethods,
  ...fileMethods,
];

/** Every method the stand-in knows, by name. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  all.map((method) => [method.name, method]),
);
