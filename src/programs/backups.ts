import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Fault, type BackupsDoor } from '../doors.ts';
import type { Known } from '../incident/names.ts';
import { CLIENT_PROGRAMS, clientVersion, type ClientPrograms } from './clients.ts';
import { onDisk } from './failure.ts';
import { filesUnder, firstDifference, readManifest } from './manifest.ts';
import { partialBackup } from './partial-backup.ts';

const PARTIAL = '.partial';
/** Also keeps a name from leaving the folder. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export interface BackupPlace {
  /** Of the target. */
  readonly url: string;
  /** Made when it is not there. */
  readonly folder: string;
  readonly programs?: ClientPrograms;
}

/** Our back-ups of one target on this machine's disk. */
export function backupsOn({ url, programs = CLIENT_PROGRAMS, ...place }: BackupPlace): BackupsDoor {
  const folder = path.resolve(place.folder);
  const within = (name: string): string => {
    if (!NAME.test(name) || name.endsWith(PARTIAL)) {
      throw new Fault('refused', `\`${name.slice(0, 100)}\` cannot be the name of a back-up.`);
    }
    return path.join(folder, name);
  };
  const removePartial = (name: string): Promise<void> =>
    rm(`${within(name)}${PARTIAL}`, { recursive: true, force: true });

  return {
    async clients() {
      const [pgDump, psql] = await Promise.all([
        clientVersion(programs.pgDump),
        clientVersion(programs.psql),
      ]);
      return { pgDump, psql };
    },

    freeBytes: () => freeBytes(folder),

    async begin(name) {
      const finished = within(name);
      const partial = `${finished}${PARTIAL}`;
      await onDisk(`Making the folder for back-ups, ${folder},`, () => makeFolder(folder));
      // A back-up is never overwritten, nor is the partial one of a worker that may still live.
      if (await exists(finished)) throw new Fault('refused', `The back-up ${name} exists already.`);
      if (await exists(partial)) {
        throw new Fault('refused', `Another worker has begun the back-up ${name}.`);
      }
      await onDisk('Beginning the back-up', () => mkdir(partial, { mode: 0o700 }));
      return partialBackup({
        url,
        programs,
        name,
        partial,
        finished,
        freeBytes: () => freeBytes(folder),
        abandon: () => removePartial(name),
      });
    },

    async list() {
      const names = await readdir(folder).catch(() => []);
      const finished = names.filter((name) => NAME.test(name) && !name.endsWith(PARTIAL));
      const manifests = await Promise.all(finished.map((name) => readManifest(within(name))));
      return manifests
        .filter((manifest) => manifest !== null)
        .sort((left, right) => right.takenAt.localeCompare(left.takenAt));
    },

    async check(name, depth = 'full') {
      const finished = within(name);
      if (!(await exists(finished))) return { state: 'absent' };
      const backup = await readManifest(finished);
      if (backup === null) {
        return { state: 'broken', say: `The manifest of ${name} is missing or cannot be read.` };
      }
      const believed = depth === 'quick' ? backup.files : [];
      const difference = firstDifference(backup.files, await filesUnder(finished, believed));
      return difference === null
        ? { state: 'intact', backup }
        : { state: 'broken', say: difference };
    },

    removePartial,
  };
}

async function freeBytes(folder: string): Promise<Known<number>> {
  try {
    await makeFolder(folder);
    const { bavail, bsize } = await statfs(folder);
    return { state: 'known', value: bavail * bsize };
  } catch {
    return { state: 'unknown', why: 'The folder for back-ups cannot be read.' };
  }
}

/** Only for us: a back-up holds everything that the database holds. */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
