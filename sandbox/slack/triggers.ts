import { randomBytes } from 'node:crypto';
import type { Step } from './api/answer.ts';
import { found, refused } from './api/answer.ts';
import type { ResponseUrl, Trigger, Workspace } from './state.ts';

const TRIGGER_TTL_MS = 3000;

/** A trigger_id for what this person has just done: good for 3 s and one view. */
export function newTrigger(workspace: Workspace, user: string, viewId: string | null): string {
  workspace.counter += 1;
  const id = `${workspace.counter}.${Date.now()}.${randomBytes(16).toString('hex')}`;
  workspace.triggers.set(id, { user, viewId, madeAt: workspace.now(), used: false });
  return id;
}

/** Uses the trigger up. */
export function takeTrigger(workspace: Workspace, id: string): Step<Trigger> {
  const trigger = workspace.triggers.get(id);
  if (trigger === undefined) return refused('invalid_trigger_id');
  if (trigger.used) return refused('exchanged_trigger_id');
  if (workspace.now() - trigger.madeAt > TRIGGER_TTL_MS) return refused('expired_trigger_id');
  workspace.triggers.set(id, { ...trigger, used: true });
  return found(trigger);
}

/** A response_url: at most five posts within 30 minutes. */
export function newResponseUrl(
  workspace: Workspace,
  made: Omit<ResponseUrl, 'madeAt' | 'uses'>,
): string {
  const folder = made.kind === 'command' ? 'commands' : 'actions';
  const key = randomBytes(12).toString('hex');
  const path = `/${folder}/${workspace.team.id}/${key}`;
  workspace.responseUrls.set(path, { ...made, madeAt: workspace.now(), uses: 0 });
  return `${workspace.baseUrl}${path}`;
}
