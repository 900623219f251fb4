/** A worker that was frozen past its lease wakes up in the middle of a job, and knows nothing of the one that went on. */
import { setTimeout as wait } from 'node:timers/promises';
import { inTime } from '../deadline.ts';
import type { Doors, ServicesDoor } from '../doors.ts';
import { Fault } from '../doors.ts';
import type { Db } from '../store/connect.ts';
import type { Claim } from '../store/operations.ts';
import { isStillOurs } from '../store/operations.ts';

const ANSWER_MS = 2_000;
const AGAIN_MS = 500;
/** The first may meet a connection that died while we were frozen. */
const TRIES_MAX = 3;

/** The same doors, but every command that changes services first asks whether the operation is still in our hands. */
export function fenced(doors: Doors, db: Db, claim: Claim): Doors {
  const { services } = doors;
  const ask = (): Promise<void> => refuseIfTaken(db, claim);
  const changing = {
    stop: async (...given) => ask().then(() => services.stop(...given)),
    start: async (...given) => ask().then(() => services.start(...given)),
    previous: async (...given) => ask().then(() => services.previous(...given)),
    invalidateCaches: async (...given) => ask().then(() => services.invalidateCaches(...given)),
    maintenance: async (...given) => ask().then(() => services.maintenance(...given)),
  } satisfies Partial<ServicesDoor>;
  return { ...doors, services: { ...services, ...changing } };
}

/** When the store is away nobody else can take it either, and services must not stay down for that: it goes on. */
async function refuseIfTaken(db: Db, claim: Claim): Promise<void> {
  for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
    const askedAt = Date.now();
    const isOurs = await inTime(isStillOurs(db, claim), ANSWER_MS).catch(() => null);
    if (isOurs === false) throw new Fault('stopped', 'Another worker has taken this over.');
    // An answer that we were frozen before reading is an old one.
    if (isOurs === true && Date.now() - askedAt <= ANSWER_MS) return;
    await wait(AGAIN_MS);
  }
}
