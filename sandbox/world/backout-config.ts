/** The world as Backout's configuration sees it. */
import { join } from 'node:path';
import { stringify } from 'yaml';

import { MIGRATIONS } from './database.ts';
import type { ServiceName } from './services/release.ts';

/** The people of the world, and their accounts in the stand-in workspace. */
export const PEOPLE = {
  anna: { name: 'Anna', slack: 'U0ANNA' },
  ben: { name: 'Ben', slack: 'U0BEN' },
  dora: { name: 'Dora', slack: 'U0DORA' },
  dev: { name: 'Dev', slack: 'U0DEV' },
  pat: { name: 'Pat', slack: 'U0PAT' },
} as const;

const COMMAND = join(import.meta.dirname, 'service.ts');
const VALIDATION = join(import.meta.dirname, 'validate-migrations.sql');

export interface ConfigOptions {
  readonly controlUrl: string;
  readonly addresses: Readonly<Record<ServiceName, string>>;
  /** A channel's id. */
  readonly homeChannel: string;
  readonly tool: 'golang-migrate' | 'built-in';
}

/** The text of a backout.yaml; every path in it is absolute. */
export function backoutConfig({ controlUrl, addresses, homeChannel, tool }: ConfigOptions): string {
  const command = (...words: readonly string[]): readonly string[] => [
    process.execPath,
    COMMAND,
    ...words,
    '--control',
    controlUrl,
  ];
  const service = (name: ServiceName): object => ({
    commands: {
      stop: command('stop', name),
      start: command('start', name),
      status: command('status', name),
      previous: command('previous', name),
    },
    application_names: [name],
    health: `${addresses[name]}/health`,
    smoke: command('smoke', name),
  });
  return stringify({
    home_channel: homeChannel,
    people: { ...PEOPLE, dora: { ...PEOPLE.dora, page: { pagerduty_key_env: 'PD_DORA' } } },
    targets: {
      auth: {
        database_url_env: 'AUTH_DATABASE_URL',
        environment: 'production',
        migrations: { tool, path: MIGRATIONS },
        services: {
          'auth-service': {
            ...service('auth-service'),
            endpoints: ['POST /login', 'POST /refresh', 'POST /introspect'],
          },
          'gateway-service': {
            ...service('gateway-service'),
            endpoints: ['POST /login', 'POST /refresh', 'GET /me'],
            caches: { invalidate: [command('drop-cache', 'gateway-service')] },
          },
        },
        maintenance: { on: command('maintenance', 'on'), off: command('maintenance', 'off') },
        validation: VALIDATION,
        roles: {
          on_call: { people: ['anna', 'ben'], page: { pagerduty_key_env: 'PD_ONCALL' } },
          dba: { people: ['dora', 'dev'], page: { pagerduty_key_env: 'PD_DBA' } },
          platform_lead: { people: ['pat'], page: { webhook_env: 'PAT_PAGER' } },
        },
        policy: { start: 'on_approval', require: ['backup'] },
      },
    },
  });
}
