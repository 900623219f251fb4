import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const file = path.join(import.meta.dirname, '../../deploy/slack-manifest.yaml');
const text = await readFile(file, 'utf8');

const Address = z.url({ protocol: /^https$/ }).max(3_000);
const Scopes = z.array(z.string()).max(255);

/** Slack's published schema of an app manifest, version 2: the parts that an app like this can have. */
const Manifest = z.strictObject({
  _metadata: z
    .strictObject({
      major_version: z.literal(2),
      minor_version: z.number().int().optional(),
    })
    .optional(),
  display_information: z.strictObject({
    name: z.string().min(1).max(35),
    description: z.string().min(1).max(140).optional(),
    long_description: z.string().min(175).max(4_000).optional(),
    background_color: z
      .string()
      .regex(/^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$/)
      .optional(),
  }),
  features: z
    .strictObject({
      app_home: z
        .strictObject({
          home_tab_enabled: z.boolean().optional(),
          messages_tab_enabled: z.boolean().optional(),
          messages_tab_read_only_enabled: z.boolean().optional(),
        })
        .optional(),
      bot_user: z
        .strictObject({
          display_name: z.string().min(1).max(80),
          always_online: z.boolean().optional(),
        })
        .optional(),
      shortcuts: z
        .array(
          z.strictObject({
            name: z.string().min(1).max(24),
            type: z.enum(['message', 'global']),
            callback_id: z.string().min(1).max(255),
            description: z.string().min(1).max(150),
          }),
        )
        .min(1)
        .max(10)
        .optional(),
      slash_commands: z
        .array(
          z.strictObject({
            command: z.string().min(2).max(32).startsWith('/'),
            url: Address.optional(),
            description: z.string().min(1).max(2_000),
            usage_hint: z.string().min(1).max(1_000).optional(),
            should_escape: z.boolean().optional(),
          }),
        )
        .min(1)
        .max(50)
        .optional(),
      unfurl_domains: z.array(z.string().max(255)).min(1).max(5).optional(),
    })
    .optional(),
  oauth_config: z
    .strictObject({
      redirect_urls: z.array(Address).optional(),
      scopes: z.strictObject({
        bot: Scopes.optional(),
        bot_optional: Scopes.optional(),
        user: Scopes.optional(),
        user_optional: Scopes.optional(),
      }),
      pkce_enabled: z.boolean().optional(),
    })
    .optional(),
  settings: z
    .strictObject({
      event_subscriptions: z
        .strictObject({
          request_url: Address.optional(),
          bot_events: z.array(z.string()).max(100).optional(),
          user_events: z.array(z.string()).max(100).optional(),
          metadata_subscriptions: z.array(z.unknown()).max(20).optional(),
        })
        .optional(),
      interactivity: z
        .strictObject({
          is_enabled: z.boolean(),
          request_url: Address.optional(),
          message_menu_options_url: Address.optional(),
        })
        .optional(),
      org_deploy_enabled: z.boolean().optional(),
      socket_mode_enabled: z.boolean().optional(),
      token_rotation_enabled: z.boolean().optional(),
      is_mcp_enabled: z.boolean().optional(),
      function_runtime: z.string().optional(),
    })
    .optional(),
});

test('the manifest is what Slack’s schema allows', () => {
  expect(z.prettifyError(Manifest.safeParse(parse(text)).error ?? new z.ZodError([]))).toBe('');
});

test('the app hears /rollback, mentions and buttons, by Socket Mode and without any address of ours', () => {
  const { features, settings } = Manifest.parse(parse(text));
  expect(features?.slash_commands?.map(({ command }) => command)).toEqual(['/rollback']);
  expect(settings?.event_subscriptions?.bot_events).toEqual(['app_mention']);
  expect(settings?.interactivity?.is_enabled).toBe(true);
  expect(settings?.socket_mode_enabled).toBe(true);
  expect(text.replaceAll(/#.*$/gm, '')).not.toContain('https://');
});

test('the app has no home tab that nobody draws', () => {
  const { features } = Manifest.parse(parse(text));
  expect(features?.app_home?.home_tab_enabled).toBe(false);
});

test('the bot asks for these scopes and no others, and says of each what it is for', () => {
  const { oauth_config } = Manifest.parse(parse(text));
  expect(oauth_config?.scopes).toEqual({
    bot: [
      'app_mentions:read',
      'channels:history',
      'channels:manage',
      'channels:read',
      'chat:write',
      'commands',
      'files:write',
      'groups:history',
      'groups:read',
      'groups:write',
      'pins:write',
      'users:read',
    ],
  });
  for (const scope of oauth_config?.scopes.bot ?? []) {
    expect(text).toMatch(new RegExp(`- ${scope} # .{5,}`));
  }
});

test('made for HTTP as its comments say, it is still what Slack’s schema allows', () => {
  const forHttp = text
    .replaceAll(/# HTTP: (\w+: )https:\/\/YOUR-HOST/g, '$1https://backout.example')
    .replace('socket_mode_enabled: true', 'socket_mode_enabled: false');
  const { features, settings } = Manifest.parse(parse(forHttp));
  const address = 'https://backout.example/slack/events';
  expect(features?.slash_commands?.[0]?.url).toBe(address);
  expect(settings?.event_subscriptions?.request_url).toBe(address);
  expect(settings?.interactivity?.request_url).toBe(address);
});
