import type { Json, JsonObject } from '../json.ts';
import { isObject, objectAt, textAt } from '../json.ts';
import type { Drafts, View } from '../state.ts';
import { closeFrom, readView, replaceView, showView, stackOf } from '../views.ts';
import type { Desk } from './acting.ts';
import type { FieldValue } from './fields.ts';
import { chosenState, inputComplaint, keepsState, stateValues } from './fields.ts';
import { actor, everythingToUse } from './finding.ts';
import { viewClosed, viewSubmission } from './payloads.ts';
import type { Seen, Submitted } from './seen.ts';
import { TROUBLE } from './seen.ts';

/** Values by block_id or by label; where a block has several fields, by action_id below it. */
export type FormValues = Readonly<
  Record<string, FieldValue | Readonly<Record<string, FieldValue>>>
>;

function isByAction(value: FormValues[string]): value is Readonly<Record<string, FieldValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function labelOf(block: JsonObject): string {
  return textAt(objectAt(block, 'label'), 'text') ?? textAt(objectAt(block, 'text'), 'text') ?? '';
}

/** What the person filled in, on top of what was there; throws for a field that is not on the form. */
function filledIn(view: View, before: Drafts, values: FormValues): Drafts {
  const fields = everythingToUse(view.blocks).filter(({ element }) => keepsState(element));
  let drafts = before;
  for (const [key, given] of Object.entries(values)) {
    const inBlock = fields.filter(
      ({ block }) => block['block_id'] === key || labelOf(block) === key,
    );
    const parts = isByAction(given)
      ? given
      : { [textAt(inBlock[0]?.element, 'action_id') ?? '']: given };
    for (const [actionId, value] of Object.entries(parts)) {
      const field = inBlock.find(({ element }) => element['action_id'] === actionId);
      if (field === undefined) {
        const there = fields.map(
          ({ block }) => `${textAt(block, 'block_id') ?? ''} (${labelOf(block)})`,
        );
        throw new Error(`The form has no field "${key}"; it has: ${there.join(', ')}`);
      }
      const blockId = textAt(field.block, 'block_id') ?? '';
      const state = chosenState(field.element, value);
      drafts = { ...drafts, [blockId]: { ...drafts[blockId], [actionId]: state } };
    }
  }
  return drafts;
}

function complaints(view: View, values: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    view.blocks.flatMap((block) => {
      if (block['type'] !== 'input') return [];
      const blockId = textAt(block, 'block_id') ?? '';
      const actionId = textAt(objectAt(block, 'element'), 'action_id') ?? '';
      const complaint = inputComplaint(block, objectAt(objectAt(values, blockId), actionId) ?? {});
      return complaint === undefined ? [] : [[blockId, complaint] as const];
    }),
  );
}

function isErrors(
  view: View,
  errors: Json | undefined,
): errors is Readonly<Record<string, string>> {
  if (!isObject(errors) || Object.keys(errors).length === 0) return false;
  return Object.entries(errors).every(
    ([blockId, text]) =>
      typeof text === 'string' &&
      view.blocks.some((block) => block['block_id'] === blockId && block['type'] === 'input'),
  );
}

/** Does what the app answered to a form. */
function respond(
  { workspace, userId }: Desk,
  view: View,
  { answer, ackMs }: { readonly answer: JsonObject; readonly ackMs: number },
): Submitted {
  const trouble: Submitted = { saw: 'trouble', notice: TROUBLE, ackMs };
  const action = answer['response_action'];
  const depth = stackOf(workspace, userId).indexOf(view.id);
  if (action === undefined && Object.keys(answer).length === 0) {
    if (depth >= 0) closeFrom(workspace, userId, depth);
    return { saw: 'closed', ackMs };
  }
  if (action === 'clear') {
    closeFrom(workspace, userId, 0);
    return { saw: 'closed', ackMs };
  }
  if (action === 'errors') {
    const { errors } = answer;
    return isErrors(view, errors) ? { saw: 'errors', by: 'app', errors, ackMs } : trouble;
  }
  if (action !== 'update' && action !== 'push') return trouble;
  const content = readView(workspace, answer['view']);
  if (!content.ok || content.found.type !== 'modal') return trouble;
  const shown =
    action === 'update'
      ? replaceView(workspace, view.id, { content: content.found })
      : showView(workspace, content.found, { user: userId, onTop: true });
  if (!shown.ok) return trouble;
  return { saw: action === 'update' ? 'updated' : 'pushed', view: shown.found, ackMs };
}

function openView({ workspace, userId }: Desk, viewId: string): View {
  const open = workspace.views.get(viewId);
  if (open === undefined || !stackOf(workspace, userId).includes(viewId)) {
    throw new Error(`${userId} has no form ${viewId} open.`);
  }
  return open.view;
}

/** Fills in a form and presses its button. */
export async function submitForm(
  desk: Desk,
  viewId: string,
  values: FormValues,
): Promise<Submitted> {
  const { workspace, delivery, userId } = desk;
  const user = actor(workspace, userId);
  const view = openView(desk, viewId);
  if (view.submit === null) throw new Error(`The form ${viewId} has no button to send it.`);
  const drafts = filledIn(view, workspace.drafts.get(viewId) ?? {}, values);
  workspace.drafts.set(viewId, drafts);
  const state = stateValues(view.blocks, drafts);
  const errors = complaints(view, state);
  if (Object.keys(errors).length > 0) return { saw: 'errors', by: 'slack', errors, ackMs: null };
  const outcome = await delivery.hand({
    kind: 'interactive',
    type: 'view_submission',
    payload: viewSubmission(workspace, { user, view, values: state }),
  });
  if (outcome.kind !== 'acked') {
    const ackMs = outcome.kind === 'refused' ? outcome.ackMs : null;
    return { saw: 'trouble', notice: TROUBLE, ackMs };
  }
  const { ack, ackMs } = outcome;
  if (ack.type === 'text' || ack.type === 'garbage') {
    return { saw: 'trouble', notice: TROUBLE, ackMs };
  }
  return respond(desk, view, { answer: ack.type === 'empty' ? {} : ack.value, ackMs });
}

/** Closes a form with its cross or its close button. */
export async function closeForm(desk: Desk, viewId: string): Promise<Seen> {
  const { workspace, delivery, userId } = desk;
  const user = actor(workspace, userId);
  const view = openView(desk, viewId);
  const stack = stackOf(workspace, userId);
  closeFrom(workspace, userId, view.clear_on_close ? 0 : stack.indexOf(viewId));
  if (!view.notify_on_close) return { saw: 'nothing', ackMs: null };
  const outcome = await delivery.hand({
    kind: 'interactive',
    type: 'view_closed',
    payload: viewClosed(workspace, { user, view, cleared: view.clear_on_close }),
  });
  // The form is gone by now: whatever the app answers, the person sees nothing of it.
  return { saw: 'nothing', ackMs: outcome.kind === 'acked' ? outcome.ackMs : null };
}
