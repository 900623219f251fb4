import { randomBytes } from 'node:crypto';
import type { Step } from './api/answer.ts';
import { found, invalidArguments, refused } from './api/answer.ts';
import { allBlocks, elementsOf, viewProblems } from './blocks/payload.ts';
import { printed } from './blocks/shape.ts';
import { storedBlocks } from './blocks/stored.ts';
import type { Json, JsonObject } from './json.ts';
import { isObject, listAt, objectAt, textAt } from './json.ts';
import { storedText } from './text.ts';
import type { Drafts, View, Workspace } from './state.ts';
import { changed, nextId, nowSeconds, shortId } from './workspace.ts';

const VIEW_SIZE_MAX_BYTES = 250 * 1024;
const STACK_MAX = 3;

type ViewContent = Omit<View, 'id' | 'hash' | 'root_view_id' | 'previous_view_id' | 'state'>;

function title(view: JsonObject, key: string): JsonObject | null {
  const given = objectAt(view, key);
  if (given === undefined) return null;
  return { ...given, text: storedText(textAt(given, 'text') ?? '', { links: false }), emoji: true };
}

/** The view as Slack stores it, or why Slack refuses it. */
export function readView(workspace: Workspace, given: Json | undefined): Step<ViewContent> {
  if (!isObject(given)) {
    return {
      ok: false,
      answer: invalidArguments(['must provide an object [json-pointer:/view]']),
    };
  }
  if (Buffer.byteLength(JSON.stringify(given)) > VIEW_SIZE_MAX_BYTES) {
    return refused('view_too_large');
  }
  const problems = viewProblems(given);
  if (problems.length > 0) return { ok: false, answer: invalidArguments(problems.map(printed)) };
  const { team, app } = workspace;
  return found({
    team_id: team.id,
    type: given['type'] === 'home' ? 'home' : 'modal',
    title: title(given, 'title'),
    submit: title(given, 'submit'),
    close: title(given, 'close'),
    blocks: storedBlocks(listAt(given, 'blocks'), () => shortId(workspace)),
    private_metadata: textAt(given, 'private_metadata') ?? '',
    callback_id: textAt(given, 'callback_id') ?? '',
    external_id: textAt(given, 'external_id') ?? '',
    clear_on_close: given['clear_on_close'] === true,
    notify_on_close: given['notify_on_close'] === true,
    app_id: app.appId,
    app_installed_team_id: team.id,
    bot_id: app.botId,
  });
}

function newHash(workspace: Workspace): string {
  return `${nowSeconds(workspace)}.${randomBytes(4).toString('hex')}`;
}

function externalIdTaken(workspace: Workspace, content: ViewContent, besides: string): boolean {
  if (content.external_id === '') return false;
  return [...workspace.views.values()].some(
    ({ view }) => view.external_id === content.external_id && view.id !== besides,
  );
}

export function stackOf(workspace: Workspace, user: string): readonly string[] {
  return workspace.stacks.get(user) ?? [];
}

/** Takes a person's modals off the screen, from the given depth up. */
export function closeFrom(workspace: Workspace, user: string, depth: number): void {
  const stack = stackOf(workspace, user);
  for (const id of stack.slice(depth)) {
    workspace.views.delete(id);
    workspace.drafts.delete(id);
  }
  workspace.stacks.set(user, stack.slice(0, depth));
  changed(workspace);
}

/** Shows a new modal: alone, or on top of those that are open. */
export function showView(
  workspace: Workspace,
  content: ViewContent,
  shown: { readonly user: string; readonly onTop: boolean },
): Step<View> {
  if (externalIdTaken(workspace, content, '')) return refused('duplicate_external_id');
  const below = shown.onTop ? stackOf(workspace, shown.user) : [];
  if (below.length >= STACK_MAX) return refused('push_limit_reached');
  if (!shown.onTop) closeFrom(workspace, shown.user, 0);
  const id = nextId(workspace, 'V');
  const view: View = {
    ...content,
    id,
    hash: newHash(workspace),
    root_view_id: below[0] ?? id,
    previous_view_id: below.at(-1) ?? null,
    state: { values: {} },
  };
  workspace.views.set(id, { view, user: shown.user });
  workspace.stacks.set(shown.user, [...below, id]);
  changed(workspace);
  return found(view);
}

/** What was typed stays where block, action and kind of element stay the same. */
function keptDrafts(drafts: Drafts, blocks: readonly JsonObject[]): Drafts {
  const kept = allBlocks(blocks).flatMap((block) => {
    const blockId = textAt(block, 'block_id') ?? '';
    const before = drafts[blockId];
    if (before === undefined) return [];
    const still = elementsOf(block).flatMap(({ element }) => {
      const draft = before[textAt(element, 'action_id') ?? ''];
      const same = draft !== undefined && draft['type'] === element['type'];
      return same ? [[textAt(element, 'action_id') ?? '', draft] as const] : [];
    });
    return [[blockId, Object.fromEntries(still)] as const];
  });
  return Object.fromEntries(kept);
}

export function replaceView(
  workspace: Workspace,
  id: string,
  { content, hash }: { readonly content: ViewContent; readonly hash?: string | undefined },
): Step<View> {
  const open = workspace.views.get(id);
  if (open === undefined) return refused('not_found');
  if (hash !== undefined && hash !== open.view.hash) return refused('hash_conflict');
  if (externalIdTaken(workspace, content, id)) return refused('duplicate_external_id');
  const { root_view_id, previous_view_id } = open.view;
  const view: View = {
    ...content,
    id,
    hash: newHash(workspace),
    root_view_id,
    previous_view_id,
    state: { values: {} },
  };
  workspace.views.set(id, { ...open, view });
  workspace.drafts.set(id, keptDrafts(workspace.drafts.get(id) ?? {}, view.blocks));
  changed(workspace);
  return found(view);
}

export function publishHome(
  workspace: Workspace,
  content: ViewContent,
  { user, hash }: { readonly user: string; readonly hash?: string | undefined },
): Step<View> {
  const existing = workspace.homes.get(user);
  if (existing !== undefined) return replaceView(workspace, existing, { content, hash });
  const id = nextId(workspace, 'V');
  const view: View = {
    ...content,
    id,
    hash: newHash(workspace),
    root_view_id: id,
    previous_view_id: null,
    state: { values: {} },
  };
  workspace.views.set(id, { view, user });
  workspace.homes.set(user, id);
  changed(workspace);
  return found(view);
}
