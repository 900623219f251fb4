import { randomBytes } from 'node:crypto';

export interface Called {
  readonly id: string;
  readonly at: string;
  readonly by: 'pagerduty' | 'webhook';
  /** Whose phone rings: the name that was given for the key, or for the webhook's address. */
  readonly who: string;
  readonly summary: string;
  readonly severity: string;
  readonly dedupKey: string;
  readonly link: string | null;
  readonly state: 'triggered' | 'acknowledged' | 'resolved';
  readonly answeredBy: string | null;
}

export interface Calls {
  /** Oldest first. */
  all(): readonly Called[];
  /** The one that is not resolved yet under this key. */
  open(who: string, dedupKey: string): Called | undefined;
  add(call: Omit<Called, 'id' | 'at' | 'state' | 'answeredBy'>): void;
  change(id: string, changed: Pick<Called, 'state'> & Partial<Pick<Called, 'answeredBy'>>): void;
  clear(): void;
  onChange(listener: () => void): void;
}

export function keepCalls(): Calls {
  let calls: readonly Called[] = [];
  const listeners: (() => void)[] = [];
  const put = (next: readonly Called[]): void => {
    calls = next;
    for (const listener of listeners) listener();
  };
  return {
    all: () => calls,
    open: (who, dedupKey) =>
      calls.find(
        (call) => call.who === who && call.dedupKey === dedupKey && call.state !== 'resolved',
      ),
    add: (call) =>
      put([
        ...calls,
        {
          ...call,
          id: newId(),
          at: new Date().toISOString(),
          state: 'triggered',
          answeredBy: null,
        },
      ]),
    change: (id, changed) =>
      put(calls.map((call) => (call.id === id ? { ...call, ...changed } : call))),
    clear: () => put([]),
    onChange: (listener) => void listeners.push(listener),
  };
}

/** As PagerDuty makes them for incidents, and for events that came without a key. */
export function newId(): string {
  return randomBytes(7).toString('hex').toUpperCase();
}
