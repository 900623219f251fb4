/** One target and one person of backout.yaml, as the rest of Backout knows them. */
import { resolve } from 'node:path';
import type { ConfigFile } from './config-file.ts';
import type { PageAddress, Role, Service, Target } from './incident/target.ts';

type FileTarget = ConfigFile['targets'][string];

/** One human, with all the names we know them by. */
export interface ConfiguredPerson {
  readonly name: string;
  readonly slack: readonly string[];
  readonly osUser?: string | undefined;
}

export function personOf(id: string, person: ConfigFile['people'][string]): ConfiguredPerson {
  const { name = id, slack, os_user: osUser } = person;
  return { name, slack: typeof slack === 'string' ? [slack] : slack, osUser };
}

/** Paths become absolute; everything keeps its meaning. */
export function targetOf(
  name: string,
  target: FileTarget,
  from: { readonly file: ConfigFile; readonly folder: string },
): Target {
  const { policy } = target;
  return {
    name,
    environment: target.environment,
    privateChannel: target.private,
    databaseUrlEnv: target.database_url_env,
    migrations: {
      tool: target.migrations.tool,
      path: resolve(from.folder, target.migrations.path),
    },
    services: Object.entries(target.services).map(([service, given]) => serviceOf(service, given)),
    maintenance: target.maintenance,
    validation: target.validation && resolve(from.folder, target.validation),
    roles: Object.fromEntries(
      Object.entries(target.roles).flatMap(([role, given]) =>
        given === undefined ? [] : [[role, roleOf(given, from.file)]],
      ),
    ),
    policy: {
      approvalTtlMinutes: policy.approval_ttl_minutes,
      lockTimeoutMs: policy.lock_timeout_ms,
      statementTimeoutMs: policy.statement_timeout_ms,
      start: policy.start,
      require: policy.require.filter((one) => one === 'backup'),
      approvalPageMinutes: policy.approval_page_minutes,
      archiveAfterMinutes: policy.archive_after_minutes,
    },
  };
}

function serviceOf(name: string, given: FileTarget['services'][string]): Service {
  return {
    name,
    commands: given.commands,
    applicationNames: given.application_names,
    endpoints: given.endpoints,
    caches: given.caches.invalidate,
    health: given.health,
    smoke: given.smoke,
  };
}

type FileRole = NonNullable<FileTarget['roles'][keyof FileTarget['roles']]>;

/** A role without an address of its own calls the first of its people who has one. */
function roleOf(given: FileRole, file: ConfigFile): Role {
  const own = given.people.map((id) => file.people[id]?.page).find((page) => page !== undefined);
  const page = given.page ?? own;
  return { people: given.people, ...(page === undefined ? {} : { page: addressOf(page) }) };
}

function addressOf(page: NonNullable<FileRole['page']>): PageAddress {
  return 'webhook_env' in page
    ? { kind: 'webhook', urlEnv: page.webhook_env }
    : { kind: 'pagerduty', keyEnv: page.pagerduty_key_env };
}
