import { tail } from '../programs/lines.ts';

const TAIL_BYTES = 4 * 1024;

/**
 * golang-migrate repeats the whole file when a statement fails, and with it whatever values stand in it. This lets
 * through everything but the SQL and the values of the row that broke a rule.
 */
export function migrateOutput(onOutput: (line: string) => void): {
  onLine(line: string): void;
  tail(): string;
} {
  const kept = tail(TAIL_BYTES);
  let isInsideSql = false;
  const say = (line: string): void => {
    kept.add(line);
    onOutput(line);
  };

  return {
    onLine(line) {
      const failure = /migration failed.* in line ([0-9]+): /.exec(line);
      if (failure !== null) {
        isInsideSql = true;
        const at = failure[1] === '0' ? '' : ` in line ${failure[1]}`;
        say(`error: migration failed${at}`);
      }
      if (!isInsideSql) {
        say(line);
        return;
      }
      const details = /\(details: ((?:pq|driver|read|write|EOF|dial|context).*)\)$/.exec(line);
      if (details === null) return;
      isInsideSql = false;
      say(details[1] ?? '');
    },
    tail: () => kept.text(),
  };
}
