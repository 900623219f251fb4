import type { RoleName } from './names.ts';

/** A program and its arguments; never a shell line. `$NAME` arguments are filled in from the environment by the door. */
export type CommandLine = readonly [string, ...string[]];

/** `$NAME` alone, or as the value of an option: `--url=$NAME`. Anything else is left to the program. */
const VARIABLE = /^(?<option>[^\s$=]+=)?\$(?<name>[A-Za-z_][A-Za-z0-9_]*)$/;

/** The environment variable that an argument stands for, and what stands before it. */
export function variableOf(
  argument: string,
): { readonly option: string; readonly name: string } | null {
  const { option = '', name } = VARIABLE.exec(argument)?.groups ?? {};
  return name === undefined ? null : { option, name };
}

/** How the team starts and stops a service without Kubernetes. */
export interface ServiceCommands {
  readonly stop: CommandLine;
  readonly start: CommandLine;
  /** Exits 0 when running, 3 when stopped; anything else is unknown. */
  readonly status: CommandLine;
  /** Makes the version before this one the one that starts. */
  readonly previous?: CommandLine | undefined;
}

export interface Service {
  readonly name: string;
  readonly commands: ServiceCommands;
  /** How it calls itself in `pg_stat_activity`. */
  readonly applicationNames: readonly string[];
  readonly endpoints: readonly string[];
  readonly caches: readonly CommandLine[];
  readonly health?: string | undefined;
  readonly smoke?: CommandLine | undefined;
}

export interface Role {
  /** Person ids. Empty means that nobody may: it refuses, it never allows. */
  readonly people: readonly string[];
  readonly page?: PageAddress | undefined;
}

/** Where a role or a person is called outside Slack. The secret is in the named environment variable. */
export type PageAddress =
  | { readonly kind: 'pagerduty'; readonly keyEnv: string }
  | { readonly kind: 'webhook'; readonly urlEnv: string };

export interface Policy {
  readonly approvalTtlMinutes: number;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** `on_approval`: the second approval starts the run. `by_hand`: somebody says `run`. */
  readonly start: 'on_approval' | 'by_hand';
  readonly require: readonly 'backup'[];
  /** After this long without both approvals the missing role is paged. */
  readonly approvalPageMinutes: number;
  readonly archiveAfterMinutes: number;
}

/** One database with its migrations, services and people, as the configuration tells it. No secret in it. */
export interface Target {
  readonly name: string;
  readonly environment: string;
  readonly privateChannel: boolean;
  readonly databaseUrlEnv: string;
  readonly migrations: { readonly tool: 'golang-migrate' | 'built-in'; readonly path: string };
  readonly services: readonly Service[];
  readonly maintenance?: { readonly on: CommandLine; readonly off: CommandLine } | undefined;
  /** The team's own checks, run by psql with ON_ERROR_STOP. */
  readonly validation?: string | undefined;
  readonly roles: Readonly<Partial<Record<RoleName, Role>>>;
  readonly policy: Policy;
}
