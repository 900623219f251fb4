import { z } from 'zod';
import type { View, Workspace } from '../state.ts';
import { takeTrigger } from '../triggers.ts';
import { publishHome, readView, replaceView, showView, stackOf } from '../views.ts';
import type { Answer, Step } from './answer.ts';
import { fail, invalidArguments, ok } from './answer.ts';
import { defineMethod, json, text } from './define.ts';

function answered(step: Step<View>): Answer {
  return step.ok ? ok({ view: step.found }) : step.answer;
}

function onlyModal(view: { readonly type: string }): Answer | undefined {
  if (view.type === 'modal') return undefined;
  return invalidArguments(['unsupported type: home [json-pointer:/view/type]']);
}

const open = defineMethod({
  name: 'views.open',
  tier: 4,
  scopes: [],
  args: z.object({ trigger_id: text, view: json }),
  run(workspace, { trigger_id: triggerId, view: given }) {
    const content = readView(workspace, given.value);
    if (!content.ok) return content.answer;
    const wrong = onlyModal(content.found);
    if (wrong !== undefined) return wrong;
    const trigger = takeTrigger(workspace, triggerId);
    if (!trigger.ok) return trigger.answer;
    const { user } = trigger.found;
    return answered(showView(workspace, content.found, { user, onTop: false }));
  },
});

const push = defineMethod({
  name: 'views.push',
  tier: 4,
  scopes: [],
  args: z.object({ trigger_id: text, view: json }),
  run(workspace, { trigger_id: triggerId, view: given }) {
    const content = readView(workspace, given.value);
    if (!content.ok) return content.answer;
    const wrong = onlyModal(content.found);
    if (wrong !== undefined) return wrong;
    const trigger = takeTrigger(workspace, triggerId);
    if (!trigger.ok) return trigger.answer;
    const { user, viewId } = trigger.found;
    if (viewId === null || !stackOf(workspace, user).includes(viewId)) return fail('not_found');
    return answered(showView(workspace, content.found, { user, onTop: true }));
  },
});

function byExternalId(workspace: Workspace, externalId: string | undefined): string | undefined {
  if (externalId === undefined || externalId === '') return undefined;
  return [...workspace.views.values()].find(({ view }) => view.external_id === externalId)?.view.id;
}

const update = defineMethod({
  name: 'views.update',
  tier: 4,
  scopes: [],
  args: z.object({
    view: json,
    view_id: text.optional(),
    external_id: text.optional(),
    hash: text.optional(),
  }),
  run(workspace, { view: given, view_id: viewId, external_id: externalId, hash }) {
    const content = readView(workspace, given.value);
    if (!content.ok) return content.answer;
    const id = viewId ?? byExternalId(workspace, externalId);
    if (id === undefined) return fail('not_found');
    return answered(replaceView(workspace, id, { content: content.found, hash }));
  },
});

const publish = defineMethod({
  name: 'views.publish',
  tier: 4,
  scopes: [],
  args: z.object({ user_id: text, view: json, hash: text.optional() }),
  run(workspace, { user_id: user, view: given, hash }) {
    const content = readView(workspace, given.value);
    if (!content.ok) return content.answer;
    if (content.found.type !== 'home') {
      return invalidArguments(['unsupported type: modal [json-pointer:/view/type]']);
    }
    if (!workspace.users.has(user)) return invalidArguments(['invalid `user_id`']);
    if (!workspace.app.homeTab) return fail('not_enabled');
    return answered(publishHome(workspace, content.found, { user, hash }));
  },
});

export const viewMethods = [open, push, update, publish] as const;
