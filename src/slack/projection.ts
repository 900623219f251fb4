/** Draws what is not yet drawn, from the store alone, again and again, until Slack shows it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Incident } from '../incident/incident.ts';
import type { IncidentId, PersonId } from '../incident/names.ts';
import type { Target } from '../incident/target.ts';
import type { Log } from '../log.ts';
import { describeError } from '../log.ts';
import type { StoreConnection } from '../store/connect.ts';
import { incidentDrawn, incidentsToDraw } from '../store/surfaces.ts';
import type { Drawn, Hand } from './draw/hand.ts';
import type { WhoAreWe } from './identity.ts';
import type { Pace } from './pace.ts';
import { openPace } from './pace.ts';
import type { Sheet, SheetSource } from './draw/sheet.ts';
import { readSheet } from './draw/sheet.ts';
import { strokesOf } from './draw/strokes.ts';
import type { DrawnPerson } from './views/drawing.ts';
import type { Web } from './web.ts';

/** What Slack refused is tried again after this long; the clock on an open incident's card goes on as often. */
const AGAIN_SECONDS = 60;
/** As often as a channel is tried again. */
const CHANNEL_AGAIN_SECONDS = 15;
const WAIT_MIN_MS = 20;
const WAIT_MAX_MS = 1_000;

export interface ProjectionOptions {
  readonly store: StoreConnection;
  /** A client of its own: the drawing may be told to wait, people may not. */
  readonly web: Web;
  readonly whoAreWe: WhoAreWe;
  readonly targets: readonly Target[];
  readonly people: Readonly<Record<PersonId, DrawnPerson>>;
  readonly homeChannel?: string | undefined;
  readonly log: Log;
  /** Default: below Slack's limits. */
  readonly pace?: Pace | undefined;
  /** In milliseconds, never backwards. */
  readonly clock?: (() => number) | undefined;
}

export interface Projection {
  /** Returns when all is drawn that can be drawn, or soon after the signal. What Slack does never makes it throw. */
  readonly drawOnce: (signal: AbortSignal) => Promise<void>;
}

/** One process at a time: the lease is held by whoever calls. */
export function openProjection(options: ProjectionOptions): Projection {
  const { store, web, whoAreWe, log, targets, people, homeChannel } = options;
  const clock = options.clock ?? (() => performance.now());
  const pace = options.pace ?? openPace(clock);
  const memory = {
    drawn: new Map(),
    unusable: new Set<string>(),
    attempts: new Map(),
    uploads: new Map(),
    stranded: new Set<IncidentId>(),
  };
  return {
    drawOnce: async (signal) => {
      const hand: Hand = { store, web, whoAreWe, log, pace, signal };
      const source = { hand, targets, people, homeChannel, clock, memory };
      for (;;) {
        const waitMs = await pass(source);
        if (waitMs === null || signal.aborted) return;
        const pauseMs = Math.max(WAIT_MIN_MS, Math.min(waitMs, WAIT_MAX_MS));
        await wait(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

/** Everything that has its turn now, what people wait for first; gives the milliseconds until there is more to do. */
async function pass(source: SheetSource): Promise<number | null> {
  const { signal } = source.hand;
  const sheets: Sheet[] = [];
  for (const { id, hasNews } of await incidentsToDraw(source.hand.store)) {
    if (signal.aborted) return null;
    if (!hasNews && source.memory.stranded.has(id)) continue;
    const read = await orFailed(source, () => readSheet(source, { id, hasNews }));
    if (read?.state === 'sheet') sheets.push(read.sheet);
    if (read?.state === 'stranded' && hasNews) await leave(source, read.incident, read.drawn);
  }
  const results = new Map<Sheet, Drawn[]>(sheets.map((sheet) => [sheet, [...sheet.results]]));
  const strokes = sheets
    .flatMap((sheet) => strokesOf(source, sheet).map((stroke) => ({ sheet, stroke })))
    .toSorted((a, b) => a.stroke.rank - b.stroke.rank);
  const waiting = new Set<string>();
  for (const { sheet, stroke } of strokes) {
    if (signal.aborted) return null;
    const before = results.get(sheet) ?? [];
    const isWaiting = stroke.queue !== undefined && waiting.has(stroke.queue);
    if (isWaiting || (stroke.isLast && before.some((one) => one.state === 'later'))) continue;
    const drawn = await orFailed(source, stroke.put);
    before.push(drawn);
    if (drawn.state === 'later' && stroke.queue !== undefined) waiting.add(stroke.queue);
  }
  for (const [sheet, drawn] of results) await settle(source, sheet, drawn);
  const waits = [...results.values()].flat().flatMap(waitsOf);
  return waits.length === 0 ? null : Math.min(...waits);
}

/** Something that was done may have made something else possible: it is looked at again. */
function waitsOf(drawn: Drawn): readonly number[] {
  switch (drawn.state) {
    case 'done':
      return [0];
    case 'later':
      return [drawn.waitMs];
    case 'failed':
      return [];
  }
}

/** One incident that cannot be read or drawn does not keep the others from being drawn. */
async function orFailed<Result>(
  { hand }: SheetSource,
  work: () => Promise<Result>,
): Promise<Result | Extract<Drawn, { state: 'failed' }>> {
  try {
    return await work();
  } catch (error) {
    hand.log.error({ error: describeError(error) }, 'something could not be drawn');
    return { state: 'failed', error: 'broken' };
  }
}

/** Once nothing is left to do, the incident counts as drawn up to here. */
async function settle(
  { hand }: SheetSource,
  { incident, hasNews, isClocked, isTrying }: Sheet,
  drawn: readonly Drawn[],
): Promise<void> {
  if (!hasNews || hand.signal.aborted) return;
  if (drawn.some((one) => one.state !== 'failed')) return;
  const isAgain = isClocked || drawn.length > 0;
  await incidentDrawn(hand.store, {
    incident: incident.id,
    seq: incident.seq,
    againSeconds: isTrying ? CHANNEL_AGAIN_SECONDS : isAgain ? AGAIN_SECONDS : null,
  });
}

/** It is looked at again only now and then, and drawn in full once its target is back. */
async function leave(source: SheetSource, incident: Incident, drawn: Drawn): Promise<void> {
  if (drawn.state === 'later') return;
  const { id, seq } = incident;
  await incidentDrawn(source.hand.store, { incident: id, seq, againSeconds: AGAIN_SECONDS });
}
