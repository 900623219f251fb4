/** Which processes another one has started, and those in turn. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

import { isAlive } from '../servers/folders.ts';

interface Started {
  readonly pid: number;
  readonly parent: number;
}

/** Everything below this process that is alive now. */
export function descendants(of: number = process.pid): readonly number[] {
  const all = process.platform === 'linux' ? fromProc() : fromPs();
  const below = (parent: number): readonly number[] =>
    all.filter((one) => one.parent === parent).flatMap(({ pid }) => [pid, ...below(pid)]);
  return below(of).filter(isAlive);
}

/** Not every Linux has `ps`. */
function fromProc(): readonly Started[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name of the program, in brackets, may hold anything.
        const [, parent = ''] =
          readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
        return [{ pid: Number(name), parent: Number(parent) }];
      } catch {
        return [];
      }
    });
}

function fromPs(): readonly Started[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return listed
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      return pid === undefined || parent === undefined ? [] : [{ pid, parent }];
    });
}
