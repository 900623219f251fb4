import type { JsonObject } from '../json.ts';
import { objectAt, textAt } from '../json.ts';
import type { Channel, Message, User, View, Workspace } from '../state.ts';
import { newResponseUrl, newTrigger } from '../triggers.ts';
import { nextTs, ORGANISATION } from '../workspace.ts';
import { keepsState, stateKey } from './fields.ts';

function common(workspace: Workspace, user: User): JsonObject {
  const { team, app } = workspace;
  return {
    team: app.isOrgWide ? null : { id: team.id, domain: team.domain },
    enterprise: app.isOrgWide ? { id: ORGANISATION, name: 'Organisation' } : null,
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: app.appId,
    token: 'verification',
    is_enterprise_install: app.isOrgWide,
  };
}

function channelName({ kind, name }: Channel): string {
  if (kind === 'im') return 'directmessage';
  return kind === 'private' ? 'privategroup' : name;
}

/** The fields of a slash command: all of them text. */
export function slashPayload(
  workspace: Workspace,
  typed: {
    readonly user: User;
    readonly channel: Channel;
    readonly command: string;
    readonly text: string;
  },
): JsonObject {
  const { user, channel, command, text } = typed;
  return {
    token: 'verification',
    team_id: workspace.team.id,
    team_domain: workspace.team.domain,
    channel_id: channel.id,
    channel_name: channelName(channel),
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: workspace.app.appId,
    is_enterprise_install: String(workspace.app.isOrgWide),
    ...(workspace.app.isOrgWide && { enterprise_id: ORGANISATION }),
    response_url: newResponseUrl(workspace, {
      kind: 'command',
      user: user.id,
      channel: channel.id,
      ts: null,
    }),
    trigger_id: newTrigger(workspace, user.id, null),
  };
}

/** One entry of `actions`: what was pressed or chosen. */
export function actionOf(
  workspace: Workspace,
  pressed: { readonly block: JsonObject; readonly element: JsonObject; readonly state: JsonObject },
): JsonObject {
  const { block, element, state } = pressed;
  const named = {
    type: textAt(element, 'type') ?? '',
    action_id: textAt(element, 'action_id') ?? '',
    block_id: textAt(block, 'block_id') ?? '',
    action_ts: nextTs(workspace),
  };
  const placeholder = objectAt(element, 'placeholder');
  if (keepsState(element) || element['type'] === 'overflow') {
    const key = stateKey(element);
    return { ...named, [key]: state[key], ...(placeholder !== undefined && { placeholder }) };
  }
  return {
    ...named,
    text: objectAt(element, 'text'),
    ...(element['value'] !== undefined && { value: element['value'] }),
    ...(element['style'] !== undefined && { style: element['style'] }),
  };
}

interface Acted {
  readonly user: User;
  readonly action: JsonObject;
  readonly values: JsonObject;
}

/** A press on something in a message. */
export function messageActions(
  workspace: Workspace,
  {
    user,
    action,
    values,
    channel,
    message,
  }: Acted & {
    readonly channel: Channel;
    readonly message: Message;
  },
): JsonObject {
  const { ts, thread_ts: threadTs } = message;
  return {
    type: 'block_actions',
    ...common(workspace, user),
    container: {
      type: 'message',
      message_ts: ts,
      channel_id: channel.id,
      is_ephemeral: false,
      ...(threadTs !== undefined && { thread_ts: threadTs }),
    },
    trigger_id: newTrigger(workspace, user.id, null),
    channel: { id: channel.id, name: channelName(channel) },
    message: message,
    state: { values },
    response_url: newResponseUrl(workspace, {
      kind: 'message',
      user: user.id,
      channel: channel.id,
      ts,
    }),
    actions: [action],
  };
}

/** A press on something in a message that only this person sees: the message itself is not sent. */
export function ephemeralActions(
  workspace: Workspace,
  {
    user,
    action,
    values,
    channel,
    ts,
  }: Acted & {
    readonly channel: Channel;
    readonly ts: string;
  },
): JsonObject {
  return {
    type: 'block_actions',
    ...common(workspace, user),
    container: { type: 'message', message_ts: ts, channel_id: channel.id, is_ephemeral: true },
    trigger_id: newTrigger(workspace, user.id, null),
    channel: { id: channel.id, name: channelName(channel) },
    state: { values },
    response_url: newResponseUrl(workspace, {
      kind: 'ephemeral',
      user: user.id,
      channel: channel.id,
      ts,
    }),
    actions: [action],
  };
}

/** A press on something in a modal or on the home tab. */
export function viewActions(
  workspace: Workspace,
  { user, action, values, view }: Acted & { readonly view: View },
): JsonObject {
  return {
    type: 'block_actions',
    ...common(workspace, user),
    container: { type: 'view', view_id: view.id },
    trigger_id: newTrigger(workspace, user.id, view.type === 'modal' ? view.id : null),
    view: { ...view, state: { values } },
    actions: [action],
  };
}

/** Addresses for the conversations chosen in fields that asked for one. */
function responseUrls(
  workspace: Workspace,
  user: User,
  view: View,
  values: JsonObject,
): JsonObject[] {
  return view.blocks.flatMap((block) => {
    const element = objectAt(block, 'element') ?? {};
    if (element['response_url_enabled'] !== true) return [];
    const blockId = textAt(block, 'block_id') ?? '';
    const actionId = textAt(element, 'action_id') ?? '';
    const channel = textAt(objectAt(objectAt(values, blockId), actionId), stateKey(element));
    if (channel === undefined) return [];
    return [
      {
        block_id: blockId,
        action_id: actionId,
        channel_id: channel,
        response_url: newResponseUrl(workspace, { kind: 'view', user: user.id, channel, ts: null }),
      },
    ];
  });
}

export function viewSubmission(
  workspace: Workspace,
  { user, view, values }: { readonly user: User; readonly view: View; readonly values: JsonObject },
): JsonObject {
  return {
    type: 'view_submission',
    ...common(workspace, user),
    trigger_id: newTrigger(workspace, user.id, view.id),
    view: { ...view, state: { values } },
    response_urls: responseUrls(workspace, user, view, values),
  };
}

export function viewClosed(
  workspace: Workspace,
  { user, view, cleared }: { readonly user: User; readonly view: View; readonly cleared: boolean },
): JsonObject {
  return {
    type: 'view_closed',
    ...common(workspace, user),
    view: view,
    is_cleared: cleared,
  };
}
