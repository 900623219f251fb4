/** Words and command lines as a shell has to read them. */
import type { CommandLine } from '../target.ts';
import { variableOf } from '../target.ts';

/** A word that a shell reads as itself. */
export function shellWord(word: string): string {
  if (/^[A-Za-z0-9_./:@%+=,-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** `$NAME` is filled in by the shell as the door fills it in from the environment; where it is not set, nothing runs. */
export function shellLine([program, ...args]: CommandLine): string {
  return [shellWord(program), ...args.map(shellArgument)].join(' ');
}

function shellArgument(argument: string): string {
  const variable = variableOf(argument);
  if (variable === null) return shellWord(argument);
  const option = variable.option === '' ? '' : shellWord(variable.option);
  return `${option}"\${${variable.name}:?}"`;
}
