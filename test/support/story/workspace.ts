/** The workspace of the stories. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { SlackOptions } from '../../../sandbox/slack/slack.ts';
import { HOME } from './config.ts';

/** Where people talk before there is a channel for it. */
export const TALK = 'C0TALK';

/** The app is allowed what our manifest asks for, and nothing else. */
const MANIFEST = join(import.meta.dirname, '../../../deploy/slack-manifest.yaml');
const Manifest = z.object({
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }) }),
});

/** Gus is a guest, Zoe of another company, Rob a bot; dora2 is Dora again. */
const ACCOUNTS = [
  ['anna', 'member'],
  ['ben', 'member'],
  ['dora', 'member'],
  ['dora2', 'member'],
  ['dev', 'member'],
  ['pat', 'member'],
  ['max', 'member'],
  ['gus', 'guest'],
  ['zoe', 'stranger'],
  ['rob', 'bot'],
] as const;
export type Account = (typeof ACCOUNTS)[number][0];

const NAMES: readonly Account[] = ACCOUNTS.map(([name]) => name);

export function accountId(name: Account): string {
  return `U0${name.toUpperCase()}`;
}

export function workspace(over: Partial<SlackOptions> = {}): SlackOptions {
  const everybody = NAMES.map(accountId);
  const { oauth_config: access, settings } = Manifest.parse(parse(readFileSync(MANIFEST, 'utf8')));
  return {
    team: { id: 'T0ACME', domain: 'acme' },
    users: ACCOUNTS.map(([name, kind]) => ({ id: accountId(name), name, realName: name, kind })),
    app: {
      scopes: access.scopes.bot,
      commands: ['/rollback'],
      botEvents: settings.event_subscriptions.bot_events,
    },
    channels: [
      { id: HOME, name: 'incidents', members: [...everybody, 'U0BACKOUT'] },
      { id: TALK, name: 'talk', members: [...everybody, 'U0BACKOUT'] },
    ],
    ...over,
  };
}
