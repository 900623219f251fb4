import type { JsonObject } from '../json.ts';

/** Something for the app: a slash command, an interaction or an event. */
export interface Parcel {
  readonly kind: 'slash' | 'interactive' | 'event';
  readonly type: string;
  readonly payload: JsonObject;
  /** 0 for the first time; only events are tried again. */
  readonly attempt: number;
  readonly retryReason: string;
}

/** What the app said when it acknowledged. */
export type Ack =
  | { readonly type: 'empty' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'json'; readonly value: JsonObject }
  | { readonly type: 'garbage'; readonly text: string };

export type Outcome =
  | { readonly kind: 'acked'; readonly ackMs: number; readonly status: number; readonly ack: Ack }
  | { readonly kind: 'refused'; readonly ackMs: number; readonly status: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'unreachable' };

export interface Carrier {
  readonly via: 'http' | 'socket';
  readonly carry: (parcel: Parcel, timeoutMs: number) => Promise<Outcome>;
  /** Resolves when a parcel that found nobody may be tried again; never for HTTP. */
  readonly reachable: () => Promise<void>;
}
