/** Everything a person can do on the page. */
import type { FieldValue } from '../blocks/surface.ts';
import { formActs } from './form-acts.ts';
import type { Asking, Keeper, Place, Press, Toast } from './page.ts';
import { placeKey, whereKey } from './page.ts';
import type { Route } from './route.ts';
import { writtenRoute } from './route.ts';
import * as server from './server.ts';
import { players } from './workspace.ts';

export interface Acts {
  readonly go: (to: Partial<Route>) => void;
  readonly become: (person: string, place?: Place) => void;
  readonly write: (place: Place, text: string) => void;
  readonly send: (place: Place) => void;
  readonly join: (channel: string) => void;
  readonly choose: (press: Omit<Press, 'value'>, value: FieldValue) => void;
  readonly press: (press: Press) => void;
  readonly ask: (asking: Asking) => void;
  /** Presses what was asked about, or lets it be. */
  readonly answer: (isYes: boolean) => void;
  readonly submit: (viewId: string) => void;
  readonly closeForm: (viewId: string) => void;
  readonly dismiss: (ts: string) => void;
  readonly preview: (file: string) => void;
  readonly showList: (isOpen: boolean) => void;
  readonly showCard: (isOpen: boolean) => void;
  readonly readBack: (isReadingBack: boolean) => void;
  readonly toast: (toast: Omit<Toast, 'id'>) => void;
  readonly endToast: (id: number) => void;
  readonly demo: (what: 'watch' | 'break') => void;
  readonly answerPager: (id: string) => void;
}

const TOAST_MS = 9000;
const TOASTS_MAX = 3;

type Toasts = Pick<Acts, 'toast' | 'endToast'>;

function toastActs({ change }: Keeper): Toasts {
  let last = 0;
  const endToast = (id: number): void =>
    change(({ toasts }) => ({ toasts: toasts.filter((one) => one.id !== id) }));
  return {
    endToast,
    toast(toast) {
      last += 1;
      const id = last;
      // One notice for each channel: the newest says enough.
      const isOther = ({ place }: Toast): boolean =>
        place === null || place.channel !== toast.place?.channel;
      change(({ toasts }) => ({
        toasts: [...toasts.filter(isOther), { ...toast, id }].slice(-TOASTS_MAX),
      }));
      setTimeout(() => endToast(id), TOAST_MS);
    },
  };
}

const THREADS_HAVE_NO_COMMANDS =
  'Commands work in the channel, not in a thread. In a thread write “@backout status”.';

function writingActs(keeper: Keeper): Pick<Acts, 'write' | 'send'> {
  const { page, change } = keeper;
  const refuse = (key: string, why: string): void =>
    change(({ refusals }) => ({ refusals: { ...refusals, [key]: why } }));
  const put = (key: string, text: string): void =>
    change(({ texts }) => ({ texts: { ...texts, [key]: text } }));
  const send = async (place: Place): Promise<void> => {
    const key = placeKey(place);
    const { route, texts, busy } = page();
    const text = (texts[key] ?? '').trim();
    if (text === '' || busy.includes(key)) return;
    const isCommand = text.startsWith('/');
    if (isCommand && place.thread !== null) {
      refuse(key, THREADS_HAVE_NO_COMMANDS);
      return;
    }
    put(key, '');
    refuse(key, '');
    change((now) => ({ busy: [...now.busy, key] }));
    const { channel, thread } = place;
    const told = isCommand
      ? await server.does(route.me, 'command', { channel, text })
      : await server.does(route.me, 'say', {
          channel,
          text,
          ...(thread === null ? {} : { threadTs: thread }),
        });
    change((now) => ({ busy: now.busy.filter((one) => one !== key) }));
    if (told.ok) return;
    refuse(key, isCommand ? `Not done: ${told.saw}` : `Not sent: ${told.saw}`);
    // What was typed is not lost, unless something else was begun in the meantime.
    if ((page().texts[key] ?? '') === '') put(key, text);
  };
  return {
    write(place, text) {
      put(placeKey(place), text);
      refuse(placeKey(place), '');
    },
    send: (place) => void send(place),
  };
}

export function pressKey({ where, blockId, actionId }: Omit<Press, 'value'>): string {
  return `${whereKey(where)}/${blockId}/${actionId}`;
}

function pressingActs(
  keeper: Keeper,
  { toast }: Toasts,
): Pick<Acts, 'press' | 'ask' | 'answer' | 'choose'> {
  const { page, change } = keeper;
  const press = async (pressed: Press): Promise<void> => {
    const key = pressKey(pressed);
    const { route, busy } = page();
    if (busy.includes(key)) return;
    change((now) => ({ busy: [...now.busy, key] }));
    const { where, blockId, actionId, value } = pressed;
    const what = { blockId, actionId, ...(value === undefined ? {} : { value }) };
    const told =
      where.kind === 'form'
        ? await server.does(route.me, 'click-view', { ...what, viewId: where.viewId })
        : await server.does(route.me, 'click', {
            ...what,
            channel: where.channel,
            ts: where.ts,
            ephemeral: where.isPrivate,
          });
    change((now) => ({ busy: now.busy.filter((one) => one !== key) }));
    if (!told.ok) {
      toast({ kind: 'trouble', words: `That did not arrive: ${told.saw}`, place: null });
    }
  };
  return {
    press: (pressed) => void press(pressed),
    ask: (asking) => change(() => ({ asking })),
    answer(isYes) {
      const { asking } = page();
      change(() => ({ asking: null }));
      if (isYes && asking !== null) void press(asking.press);
    },
    choose({ where, blockId, actionId }, value) {
      const key = whereKey(where);
      change(({ values }) => ({
        values: { ...values, [key]: { ...values[key], [`${blockId}/${actionId}`]: value } },
      }));
    },
  };
}

function goingActs({ page, change }: Keeper, refresh: () => void): Pick<Acts, 'go' | 'become'> {
  const write = (route: Route, isStep: boolean): void => {
    const address = writtenRoute(route);
    if (isStep) history.pushState(null, '', address);
    else history.replaceState(null, '', address);
    change(() => ({ route, isListOpen: false, isReadingBack: false }));
  };
  return {
    go(to) {
      const { route } = page();
      const isOther = to.channel !== undefined && to.channel !== route.channel;
      write({ ...route, ...(isOther ? { thread: null } : {}), ...to }, true);
    },
    become(person, place) {
      const { route, workspace } = page();
      const isThere = workspace !== null && players(workspace).some(({ id }) => id === person);
      if (!isThere) return;
      const { channel, thread } = place ?? route;
      change(() => ({ formTrouble: null, asking: null }));
      write({ me: person, channel, thread }, false);
      refresh();
    },
  };
}

function demoActs({ page, change }: Keeper, { toast }: Toasts): Pick<Acts, 'demo' | 'answerPager'> {
  const told = ({ ok, saw }: server.Told): void => {
    if (!ok) toast({ kind: 'trouble', words: saw || 'That did not work.', place: null });
  };
  const demo = async (what: 'watch' | 'break'): Promise<void> => {
    // A double click is one wish.
    if (page().demoAsked !== 'nothing') return;
    change(() => ({ demoAsked: what }));
    const answer = await server.tellDemo(what);
    told(answer);
    // That the story has begun is in the demo's next state.
    if (!answer.ok || what === 'break') change(() => ({ demoAsked: 'nothing' }));
  };
  return {
    demo: (what) => void demo(what),
    answerPager: (id) => void server.tellDemo('ack', { id }).then(told),
  };
}

/** All that can be done, on this page; `refresh` reads the workspace again. */
export function actsOf(keeper: Keeper, refresh: () => void): Acts {
  const { page, change } = keeper;
  const toasts = toastActs(keeper);
  const preview = async (file: string): Promise<void> => {
    const put = (shown: 'loading' | 'failed' | { readonly text: string }): void =>
      change(({ previews }) => ({
        previews: {
          ...previews,
          [file]: typeof shown === 'string' ? { state: shown } : { state: 'shown', ...shown },
        },
      }));
    if (page().previews[file]?.state === 'shown') return;
    put('loading');
    const text = await server.readFile(file);
    put(text === null ? 'failed' : { text });
  };
  const join = async (channel: string): Promise<void> => {
    const told = await server.does(page().route.me, 'join', { channel });
    if (!told.ok) toasts.toast({ kind: 'trouble', words: told.saw, place: null });
  };
  return {
    ...toasts,
    ...goingActs(keeper, refresh),
    ...writingActs(keeper),
    ...pressingActs(keeper, toasts),
    ...formActs(keeper),
    ...demoActs(keeper, toasts),
    join: (channel) => void join(channel),
    preview: (file) => void preview(file),
    dismiss: (ts) => change(({ dismissed }) => ({ dismissed: [...dismissed, ts] })),
    showList: (isListOpen) => change(() => ({ isListOpen })),
    showCard: (isCardOpen) => change(() => ({ isCardOpen })),
    readBack(isReadingBack) {
      if (page().isReadingBack !== isReadingBack) change(() => ({ isReadingBack }));
    },
  };
}
