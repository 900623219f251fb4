/** backout.yaml and the environment of a story. */
import { stringify } from 'yaml';
import type { Services } from './services.ts';
import { SERVICES } from './services.ts';

export const HOME = 'C0HOME';

export const PAGER_KEYS = {
  PD_ONCALL: 'a'.repeat(31).concat('1'),
  PD_DBA: 'b'.repeat(31).concat('2'),
} as const;

/** Dora has two accounts: her own, and the one of her second machine. */
const PEOPLE = {
  anna: { name: 'Anna', slack: 'U0ANNA' },
  ben: { name: 'Ben', slack: 'U0BEN' },
  dora: { name: 'Dora', slack: ['U0DORA', 'U0DORA2'] },
  dev: { name: 'Dev', slack: 'U0DEV' },
  pat: { name: 'Pat', slack: 'U0PAT' },
} as const;

export interface TargetChange {
  readonly private?: boolean;
  readonly tool?: 'golang-migrate' | 'built-in';
  readonly onCall?: readonly string[];
  readonly policy?: Readonly<Record<string, unknown>>;
}

export function backoutYaml(given: {
  readonly migrations: string;
  readonly services: Services;
  readonly validation: string;
  readonly change: TargetChange;
}): string {
  const { migrations, services, change, validation } = given;
  const { command, healthUrl } = services;
  return stringify({
    home_channel: HOME,
    people: PEOPLE,
    targets: {
      auth: {
        database_url_env: 'AUTH_DATABASE_URL',
        environment: 'production',
        private: change.private ?? false,
        migrations: { tool: change.tool ?? 'golang-migrate', path: migrations },
        services: Object.fromEntries(
          SERVICES.map((name) => [
            name,
            {
              commands: {
                stop: command('stop', name),
                start: command('start', name),
                status: command('status', name),
                previous: command('previous', name),
              },
              application_names: [name],
              endpoints: ['POST /login'],
              health: `${healthUrl}/${name}`,
              smoke: command('smoke', name),
            },
          ]),
        ),
        maintenance: { on: command('maintenance', 'on'), off: command('maintenance', 'off') },
        validation,
        roles: {
          on_call: {
            people: change.onCall ?? ['anna', 'ben'],
            page: { pagerduty_key_env: 'PD_ONCALL' },
          },
          dba: { people: ['dora', 'dev'], page: { pagerduty_key_env: 'PD_DBA' } },
          platform_lead: { people: ['pat'] },
        },
        policy: { lock_timeout_ms: 2_000, statement_timeout_ms: 30_000, ...change.policy },
      },
    },
  });
}
