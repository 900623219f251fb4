import { Fault } from '../doors.ts';
import type { CommandLine, Target } from '../incident/target.ts';
import { variableOf } from '../incident/target.ts';

/** Our own settings, which the team's programs neither need nor may see; a service started on our PORT would clash with us. */
const OURS = /^(?:SLACK_|STORE_|PAGERDUTY_|BACKOUT_|REDIS_URL$|BACKUP_DIR$|LOG_LEVEL$|PORT$)/;

/** A command line ready to be run. `filledIn` are the values that came from the environment: they are masked in what is shown. */
export interface FilledCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly filledIn: readonly string[];
}

/** The environment variable that an argument stands for. */
export function variableIn(argument: string): string | undefined {
  return variableOf(argument)?.name;
}

/** Puts the environment's values in the place of `$NAME`; a variable that is not set is a Fault that names it. */
export function fillIn(
  [file, ...args]: CommandLine,
  env: Readonly<Record<string, string>>,
): FilledCommand {
  const filledIn: string[] = [];
  const filled = args.map((argument) => {
    const variable = variableOf(argument);
    if (variable === null) return argument;
    const { option, name } = variable;
    const value = env[name];
    if (value === undefined || value === '') {
      throw new Fault(
        'failed',
        `\`${file}\` needs the environment variable ${name}, and it is not set. Set it where Backout runs.`,
      );
    }
    filledIn.push(value);
    return `${option}${value}`;
  });
  return { file, args: filled, filledIn };
}

/** What the team's programs see of the environment: everything but our own settings and the `withheld` variables. */
export function teamEnvironment(
  env: Readonly<Record<string, string>>,
  withheld: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !OURS.test(name) && !withheld.includes(name)),
  );
}

/** By their names; a guess, and a value that is masked for nothing costs less than one that is shown. A shell's PWD is its folder. */
const SECRET_NAMES = /^(?!(?:OLD)?PWD$).*(?:KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|DSN|_URL)/i;
/** A shorter one under such a name is a setting, as in `TOKEN_TTL=30`. */
const SECRET_LENGTH_MIN = 8;

/** The values among these variables that must not be shown, and the passwords inside those that are addresses. */
export function secretsAmong(env: Readonly<Record<string, string>>): readonly string[] {
  const values = Object.entries(env)
    .filter(([name, value]) => SECRET_NAMES.test(name) && value.length >= SECRET_LENGTH_MIN)
    .map(([, value]) => value);
  return [...values, ...values.flatMap(passwordIn)];
}

function passwordIn(address: string): readonly string[] {
  if (!URL.canParse(address)) return [];
  const { password } = new URL(address);
  return password === '' ? [] : [password, ...decoded(password)];
}

function decoded(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    // Not percent-encoded: then it is meant as it is written.
    return [];
  }
}

/** The values that the command lines of a target's configuration take from the environment. */
export function valuesNamed(
  { services, maintenance }: Target,
  env: Readonly<Record<string, string>>,
): readonly string[] {
  const lines = [
    ...services.flatMap(({ commands: { stop, start, status, previous }, caches, smoke }) => [
      stop,
      start,
      status,
      previous,
      ...caches,
      smoke,
    ]),
    maintenance?.on,
    maintenance?.off,
  ];
  return lines.flatMap((line) => line ?? []).flatMap((word) => env[variableIn(word) ?? ''] ?? []);
}
