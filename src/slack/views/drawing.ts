/** What the views are given and what they make. Pure: the projection posts, updates and pins. */
import type { KnownBlock } from '@slack/types';
import type { Progress } from '../../doors.ts';
import type { Incident } from '../../incident/incident.ts';
import type { OperationId, PersonId } from '../../incident/names.ts';
import type { Target } from '../../incident/target.ts';

/** How a person is called, and their user ids in this workspace, the first one first. */
export interface DrawnPerson {
  readonly name: string;
  readonly slack: readonly string[];
}
/** An id that is not listed here and reads `slack:U…` is still mentioned. */
export type People = Readonly<Record<PersonId, DrawnPerson>>;

export interface DrawnProgress {
  readonly what: string;
  readonly done: number;
  readonly total: number | null;
  readonly unit?: Progress['unit'];
  readonly secondsLeft: number | null;
}

/** Everything that a surface may show of an incident. */
export interface Scene {
  readonly incident: Incident;
  readonly target: Target;
  readonly people: People;
  readonly now: Date;
  /** Of operations that are under way. */
  readonly progress: Readonly<Record<OperationId, DrawnProgress>>;
  /** The last lines of the tools' output, masked; those of ended operations are in the incident too. */
  readonly tails: Readonly<Record<OperationId, string>>;
}

export type Where = 'incident' | 'home' | { readonly threadOf: string };

/** One message as it has to look now. The same key is the same message for ever. */
export interface Drawing {
  readonly key: string;
  readonly kind: 'card' | 'section' | 'thread' | 'aside' | 'ask' | 'announcement';
  /** The incident's own place, the home channel, or the thread of the message with that key. */
  readonly where: Where;
  /** For notifications and for clients without blocks. */
  readonly text: string;
  readonly blocks: KnownBlock[];
  readonly pin?: true;
  /** Whom it is to ring, so it must be a new message. */
  readonly rings?: readonly PersonId[];
  /** It no longer holds: redrawn where it was posted before, never posted anew. */
  readonly over?: true;
}
