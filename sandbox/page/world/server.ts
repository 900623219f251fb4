/** The stand-in's page interface and the demo's, as calls. */
import { isTrueAt, objectAt, textAt } from './json.ts';
import type { Demo } from './demo.ts';
import { readDemo } from './demo.ts';
import type { Workspace } from './workspace.ts';
import { readWorkspace } from './workspace.ts';

export interface Told {
  readonly ok: boolean;
  /** What the person saw of it. */
  readonly saw: string;
  /** What is wrong with which field. */
  readonly errors: Readonly<Record<string, string>>;
}

const UNREACHABLE: Told = {
  ok: false,
  saw: 'The sandbox does not answer. Is `npm run demo` still running?',
  errors: {},
};

async function decoded(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  return body;
}

/** Null for somebody who is not there. */
export async function readState(user: string): Promise<Workspace | null> {
  const response = await fetch(`/page/state?user=${encodeURIComponent(user)}`);
  return response.ok ? readWorkspace(await decoded(response)) : null;
}

async function post(address: string, body: object): Promise<Told> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = response.status === 204 ? { ok: true } : await decoded(response);
    const errors = Object.entries(objectAt(answer, 'errors') ?? {}).flatMap(([blockId, what]) =>
      typeof what === 'string' ? [[blockId, what] as const] : [],
    );
    return {
      ok: response.ok && (isTrueAt(answer, 'ok') || textAt(answer, 'saw') === undefined),
      saw: textAt(answer, 'saw') ?? '',
      errors: Object.fromEntries(errors),
    };
  } catch {
    return UNREACHABLE;
  }
}

export type Deed = 'command' | 'click' | 'click-view' | 'submit' | 'close' | 'say' | 'join';

export async function does(user: string, deed: Deed, body: object): Promise<Told> {
  return post(`/page/as/${encodeURIComponent(user)}/${deed}`, body);
}

export async function tellDemo(what: 'watch' | 'break' | 'ack', body: object = {}): Promise<Told> {
  return post(`/demo/${what}`, body);
}

/** `none` when this stand-in has no demo around it. */
export async function readDemoState(): Promise<Demo | null | 'none'> {
  try {
    const response = await fetch('/demo/state');
    if (response.status === 404) return 'none';
    return response.ok ? readDemo(await decoded(response)) : null;
  } catch {
    return null;
  }
}

export async function readFile(id: string): Promise<string | null> {
  try {
    const response = await fetch(`/files/${encodeURIComponent(id)}`);
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

/** Tells of each change in the workspace, and when the line is cut or back. */
export function listen(told: { readonly changed: () => void; readonly cut: () => void }): void {
  const source = new EventSource('/page/events');
  source.addEventListener('changed', told.changed);
  source.addEventListener('error', told.cut);
}
