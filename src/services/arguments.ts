import { Fault } from '../doors.ts';
import type { CommandLine } from '../incident/target.ts';

/** `$NAME` alone, or as the value of an option: `--url=$NAME`. Anything else is left to the program. */
const NAMED = /^(?<option>[^\s$=]+=)?\$(?<name>[A-Za-z_][A-Za-z0-9_]*)$/;

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
  return NAMED.exec(argument)?.groups?.['name'];
}

/** Puts the environment's values in the place of `$NAME`; a variable that is not set is a Fault that names it. */
export function fillIn(
  [file, ...args]: CommandLine,
  env: Readonly<Record<string, string>>,
): FilledCommand {
  const filledIn: string[] = [];
  const filled = args.map((argument) => {
    const { option = '', name } = NAMED.exec(argument)?.groups ?? {};
    if (name === undefined) return argument;
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
