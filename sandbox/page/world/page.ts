/** Everything that the page shows: what is drawn is a function of this and nothing else. */
import type { FieldValue } from '../blocks/surface.ts';
import type { Demo } from './demo.ts';
import type { JsonObject } from './json.ts';
import type { Route } from './route.ts';
import type { Workspace } from './workspace.ts';

/** A place to write in: a channel, or one of its threads. */
export interface Place {
  readonly channel: string;
  readonly thread: string | null;
}

export function placeKey({ channel, thread }: Place): string {
  return thread === null ? channel : `${channel}/${thread}`;
}

/** Where something was pressed. */
export type Where =
  | {
      readonly kind: 'message';
      readonly channel: string;
      readonly ts: string;
      readonly isPrivate: boolean;
    }
  | { readonly kind: 'form'; readonly viewId: string };

export interface Press {
  readonly where: Where;
  readonly blockId: string;
  readonly actionId: string;
  readonly value: FieldValue | undefined;
}

export function whereKey(where: Where): string {
  return where.kind === 'form' ? where.viewId : `${where.channel}/${where.ts}`;
}

/** A press that waits for a yes. */
export interface Asking {
  readonly press: Press;
  readonly confirm: JsonObject;
}

export interface Toast {
  readonly id: number;
  readonly kind: 'news' | 'trouble';
  readonly words: string;
  readonly place: Place | null;
}

export type Preview =
  | { readonly state: 'loading' }
  | { readonly state: 'shown'; readonly text: string }
  | { readonly state: 'failed' };

export type FormTrouble = {
  readonly viewId: string;
  readonly errors: Readonly<Record<string, string>>;
  /** What is wrong with the form as a whole, or empty. */
  readonly notice: string;
};

export interface Page {
  readonly link: 'connecting' | 'there' | 'lost';
  readonly route: Route;
  readonly workspace: Workspace | null;
  readonly demo: Demo | null;
  /** Success rates of the last minute or two, oldest first. */
  readonly rates: readonly number[];
  /** What is being written, by place. */
  readonly texts: Readonly<Record<string, string>>;
  /** Why the last text was not sent, by place. */
  readonly refusals: Readonly<Record<string, string>>;
  /** What was put in, by message or form, then by block and action. */
  readonly values: Readonly<Record<string, Readonly<Record<string, FieldValue>>>>;
  /** What was sent and is not answered yet. */
  readonly busy: readonly string[];
  readonly formTrouble: FormTrouble | null;
  readonly asking: Asking | null;
  readonly toasts: readonly Toast[];
  /** The newest message each person has seen, by person and place. */
  readonly seen: Readonly<Record<string, string>>;
  /** Private messages that were put away. */
  readonly dismissed: readonly string[];
  readonly previews: Readonly<Record<string, Preview>>;
  readonly isListOpen: boolean;
  /** Null as long as nobody has opened or closed the pinned card. */
  readonly isCardOpen: boolean | null;
  /** The reader is further up in the channel. */
  readonly isReadingBack: boolean;
  /** A reason not to press a button of the demo twice. */
  readonly demoAsked: 'nothing' | 'watch' | 'break';
}

export function firstPage(route: Route, seen: Page['seen']): Page {
  return {
    link: 'connecting',
    route,
    workspace: null,
    demo: null,
    rates: [],
    texts: {},
    refusals: {},
    values: {},
    busy: [],
    formTrouble: null,
    asking: null,
    toasts: [],
    seen,
    dismissed: [],
    previews: {},
    isListOpen: false,
    isCardOpen: null,
    isReadingBack: false,
    demoAsked: 'nothing',
  };
}

/** The one place where the page is kept. */
export interface Keeper {
  readonly page: () => Page;
  readonly change: (by: (page: Page) => Partial<Page>) => void;
}
