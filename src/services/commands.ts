import { Fault, type Patience, type ServiceOutcome, type ServicesDoor } from '../doors.ts';
import type { Service, Target } from '../incident/target.ts';
import { secretsAmong, teamEnvironment, valuesNamed } from './arguments.ts';
import { execution, type Execution } from './execution.ts';
import { checkHealth } from './health.ts';

const RUNNING = 0;
const STOPPED = 3;
const TAIL_CHARACTERS_MAX = 4_096;

/** How long each kind of command may take before it is ended. */
export interface CommandTimeouts {
  readonly statusMs: number;
  readonly healthMs: number;
  readonly cachesMs: number;
  readonly maintenanceMs: number;
  readonly stopMs: number;
  readonly startMs: number;
  readonly previousMs: number;
  readonly smokeMs: number;
}

const TIMEOUTS: CommandTimeouts = {
  statusMs: 15_000,
  healthMs: 10_000,
  cachesMs: 60_000,
  maintenanceMs: 60_000,
  stopMs: 180_000,
  startMs: 180_000,
  previousMs: 300_000,
  smokeMs: 300_000,
};

export interface CommandsSetup {
  readonly target: Target;
  /** Where `$NAME` comes from, and, without our own settings, what the programs see. */
  readonly env: Readonly<Record<string, string>>;
  /** Masked in everything that is shown. */
  readonly secrets: readonly string[];
  /** The configuration file's folder: the programs run there. */
  readonly cwd: string;
  readonly timeouts?: Partial<CommandTimeouts>;
}

/** The team's own commands. */
export function servicesByCommands(setup: CommandsSetup): ServicesDoor {
  const { target, env, cwd } = setup;
  const limits: CommandTimeouts = { ...TIMEOUTS, ...setup.timeouts };
  const programEnv = teamEnvironment(env, pageVariables(target));
  // Whatever their programs print of what they were given.
  const secrets = [...setup.secrets, ...secretsAmong(programEnv), ...valuesNamed(target, env)];
  const team = execution({ env, programEnv, secrets, cwd });

  return {
    async status({ commands }, { signal }) {
      const { timedOut, exitCode } = await team.result(commands.status, {
        signal,
        timeoutMs: limits.statusMs,
      });
      if (timedOut) return 'unknown';
      if (exitCode === RUNNING) return 'running';
      return exitCode === STOPPED ? 'stopped' : 'unknown';
    },
    stop({ commands }, { signal }) {
      return team.outcome(commands.stop, { signal, timeoutMs: limits.stopMs });
    },
    start({ commands }, { signal }) {
      return team.outcome(commands.start, { signal, timeoutMs: limits.startMs });
    },
    async previous({ name, commands }, { signal }) {
      if (commands.previous === undefined) return missing(`\`previous\` command for ${name}`);
      return team.outcome(commands.previous, { signal, timeoutMs: limits.previousMs });
    },
    async health({ name, health }, { signal }) {
      if (health === undefined) return missing(`\`health\` address for ${name}`);
      return checkHealth({ url: health, timeoutMs: limits.healthMs, signal, secrets });
    },
    async smoke({ name, smoke }, { signal }) {
      if (smoke === undefined) return missing(`\`smoke\` command for ${name}`);
      return team.outcome(smoke, { signal, timeoutMs: limits.smokeMs });
    },
    invalidateCaches(service, { signal }) {
      return invalidateAll(service, { team, signal, timeoutMs: limits.cachesMs });
    },
    async maintenance(wanted, { signal }) {
      if (target.maintenance === undefined) {
        return { ok: true, tail: `No maintenance commands are configured for ${target.name}.` };
      }
      return team.outcome(target.maintenance[wanted], { signal, timeoutMs: limits.maintenanceMs });
    },
  };
}

/** What cannot be asked is not a success. */
function missing(what: string): ServiceOutcome {
  return { ok: false, tail: `No ${what} is configured.` };
}

/** All of them, also after a failure: every stale cache less is an error less. */
async function invalidateAll(
  { name, caches }: Service,
  { team, ...limits }: Patience & { readonly team: Execution; readonly timeoutMs: number },
): Promise<ServiceOutcome> {
  if (caches.length === 0) return { ok: true, tail: `${name} has no caches to invalidate.` };
  const outcomes: ServiceOutcome[] = [];
  for (const cache of caches) {
    try {
      outcomes.push(await team.outcome(cache, limits));
    } catch (problem) {
      if (!(problem instanceof Fault) || problem.why === 'stopped') throw problem;
      outcomes.push({ ok: false, tail: problem.say });
    }
  }
  const said = outcomes.map(({ tail }) => tail).join('\n');
  return { ok: outcomes.every(({ ok }) => ok), tail: said.slice(-TAIL_CHARACTERS_MAX) };
}

/** The keys by which people are called are of no use to a service. */
function pageVariables({ roles }: Target): readonly string[] {
  return Object.values(roles).flatMap(({ page }) => {
    if (page === undefined) return [];
    return [page.kind === 'pagerduty' ? page.keyEnv : page.urlEnv];
  });
}
