/** The workspace of the demo: the people of the world, and the app exactly as its manifest asks for it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

import type { SlackOptions } from '../slack/slack.ts';
import { PEOPLE } from '../world/backout-config.ts';

export const HOME_CHANNEL = 'C0INCIDENTS';

export type PersonName = keyof typeof PEOPLE;

const MANIFEST = join(import.meta.dirname, '..', '..', 'deploy', 'slack-manifest.yaml');
const Manifest = z.object({
  features: z.object({
    app_home: z.object({ home_tab_enabled: z.boolean() }),
    bot_user: z.object({ display_name: z.string() }),
    slash_commands: z.array(z.object({ command: z.string(), should_escape: z.boolean() })),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }) }),
});

export function demoWorkspace(): SlackOptions {
  const { features, oauth_config, settings } = Manifest.parse(
    parse(readFileSync(MANIFEST, 'utf8')),
  );
  const people = Object.entries(PEOPLE).map(([name, { name: realName, slack: id }]) => {
    return { id, name, realName };
  });
  const everybody = people.map(({ id }) => id);
  const botUserId = 'U0BACKOUT';
  return {
    team: { id: 'T0ACME', domain: 'acme', name: 'Acme' },
    users: people,
    app: {
      botUserId,
      botName: features.bot_user.display_name,
      scopes: oauth_config.scopes.bot,
      commands: features.slash_commands.map(({ command, should_escape: shouldEscape }) => {
        return { command, shouldEscape };
      }),
      botEvents: settings.event_subscriptions.bot_events,
      homeTab: features.app_home.home_tab_enabled,
    },
    channels: [
      { id: HOME_CHANNEL, name: 'incidents', members: [...everybody, botUserId] },
      { id: 'C0GENERAL', name: 'general', members: everybody },
    ],
    rateLimits: 'on',
  };
}
