import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { SystemUser } from './user.ts';

const NAME = /^backout-[a-z]+-(\d+)-[A-Za-z0-9]+$/;
const OTHERS_MAY_ENTER = 0o001;

/** A new private folder of this process below the temp folder; those of processes that died are removed first. */
export function makePrivateFolder(kind: string, user: SystemUser | null): string {
  const parent = reachableTempFolder(user);
  removeLeftOvers(parent);
  const folder = mkdtempSync(join(parent, `backout-${kind}-${process.pid}-`));
  if (user !== null) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Best effort: what cannot be removed now is a left-over, and the next start removes those. */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    return;
  }
}

export function removeLeftOvers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner))) removeFolder(join(parent, name));
  }
}

/** A process that has ended and that nobody has waited for yet counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1);
    return afterName?.startsWith('Z') !== true;
  } catch {
    return false;
  }
}

/** Another user cannot reach a temp folder below root's home. */
function reachableTempFolder(user: SystemUser | null): string {
  const folder = tmpdir();
  return user === null || isOpenToOthers(folder) ? folder : '/tmp';
}

function isOpenToOthers(folder: string): boolean {
  if ((statSync(folder).mode & OTHERS_MAY_ENTER) === 0) return false;
  return dirname(folder) === folder || isOpenToOthers(dirname(folder));
}
