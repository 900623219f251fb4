import { readContent } from '../api/content.ts';
import { appAuthor, showEphemeral, stored } from '../api/chat.ts';
import type { DeliverySide } from '../delivery/delivery.ts';
import type { Ack, Outcome } from '../delivery/parcel.ts';
import type { JsonObject } from '../json.ts';
import { textAt } from '../json.ts';
import { addMessage, findMessage } from '../messages.ts';
import type { Channel, Drafts, Message, User, Workspace } from '../state.ts';
import { changed } from '../workspace.ts';
import type { FieldValue } from './fields.ts';
import { chosenState, keepsState, stateValues } from './fields.ts';
import { actor, findElement, visibleChannel, writableChannel } from './finding.ts';
import * as payload from './payloads.ts';
import type { Seen, SeenCommand } from './seen.ts';

export interface Desk {
  readonly workspace: Workspace;
  readonly delivery: DeliverySide;
  readonly userId: string;
}

export interface ClickOptions {
  readonly blockId?: string;
  /** For selects, pickers, checkboxes and inputs: what was chosen. */
  readonly value?: FieldValue;
  /** An earlier form of the message, as an old client still shows it. */
  readonly stale?: Message;
  /** What is answered when the button asks for confirmation. Default `accept`. */
  readonly confirm?: 'accept' | 'deny';
}

const FAILURES = {
  timeout: 'operation_timeout',
  unreachable: 'dispatch_failed',
} as const;

/** The name that Slack shows for what went wrong. */
function failureName(outcome: Exclude<Outcome, { kind: 'acked' }>): string {
  if (outcome.kind !== 'refused') return FAILURES[outcome.kind];
  return outcome.status >= 500 ? 'http_service_error' : 'http_client_error';
}

function seenOf(outcome: Outcome): Seen {
  if (outcome.kind === 'acked') return { saw: 'nothing', ackMs: outcome.ackMs };
  const ackMs = outcome.kind === 'refused' ? outcome.ackMs : null;
  return { saw: 'failure', notice: failureName(outcome), ackMs };
}

function escapedMentions(workspace: Workspace, text: string): string {
  return text.replaceAll(/(?<![\w<])([@#])([\w.-]+)/g, (whole, sign: string, name: string) => {
    if (sign === '@') {
      const user = [...workspace.users.values()].find((one) => one.name === name);
      return user === undefined ? whole : `<@${user.id}|${user.name}>`;
    }
    const channel = [...workspace.channels.values()].find((one) => one.name === name);
    if (channel === undefined) return whole;
    return `<#${channel.id}|${channel.kind === 'private' ? '' : channel.name}>`;
  });
}

function reply(
  desk: Desk,
  channel: Channel,
  { ack, ackMs }: { readonly ack: Ack; readonly ackMs: number },
): SeenCommand {
  const { workspace, userId } = desk;
  if (ack.type === 'empty') return { saw: 'nothing', ackMs };
  if (ack.type === 'garbage') return { saw: 'failure', notice: 'invalid_command_response', ackMs };
  const answer: JsonObject = ack.type === 'text' ? { text: ack.text } : ack.value;
  const inChannel = answer['response_type'] === 'in_channel';
  if (inChannel && Object.keys(answer).length === 1) return { saw: 'nothing', ackMs };
  const content = readContent(
    workspace,
    {
      text: textAt(answer, 'text'),
      ...(answer['blocks'] !== undefined && { blocks: { value: answer['blocks'] } }),
      ...(answer['attachments'] !== undefined && { attachments: { value: answer['attachments'] } }),
    },
    { limitsBlocksTogether: false },
  );
  if (!content.ok) return { saw: 'failure', notice: 'invalid_command_response', ackMs };
  if (inChannel) {
    const said = { ...appAuthor(workspace), ...stored(content.found) };
    return { saw: 'message', message: addMessage(workspace, channel, said), ackMs };
  }
  const ts = showEphemeral(workspace, { to: userId, channel: channel.id, content: content.found });
  const message = workspace.ephemerals.find((one) => one.ts === ts);
  return message === undefined ? { saw: 'nothing', ackMs } : { saw: 'ephemeral', message, ackMs };
}

function noticed(seen: SeenCommand, command: string): string {
  if (seen.saw === 'failure') return `${command} failed with the error "${seen.notice}"`;
  return seen.saw === 'nothing' ? '' : seen.message.text;
}

/** Types a slash command and sends it. */
export async function sayCommand(
  desk: Desk,
  channelId: string,
  { command, text }: { readonly command: string; readonly text: string },
): Promise<SeenCommand> {
  const { workspace, delivery, userId } = desk;
  const user = actor(workspace, userId);
  const channel = writableChannel(workspace, channelId, user);
  const known = workspace.app.commands.find((one) => one.command === command);
  let seen: SeenCommand;
  // In a shared channel people can use the commands of their own workspace only.
  if (known === undefined || user.kind === 'stranger') {
    seen = { saw: 'failure', notice: `${command} is not a valid command.`, ackMs: null };
  } else if (!workspace.app.scopes.includes('commands')) {
    seen = { saw: 'failure', notice: 'missing_scope', ackMs: null };
  } else {
    const typed = known.shouldEscape ? escapedMentions(workspace, text) : text;
    const outcome = await delivery.hand({
      kind: 'slash',
      type: command,
      payload: payload.slashPayload(workspace, { user, channel, command, text: typed.trim() }),
    });
    seen = outcome.kind === 'acked' ? reply(desk, channel, outcome) : seenOf(outcome);
  }
  const notice = { user: userId, channel: channelId, command, text, at: workspace.now() };
  workspace.slashNotices = [...workspace.slashNotices, { ...notice, saw: noticed(seen, command) }];
  changed(workspace);
  return seen;
}

interface Pressed {
  readonly blocks: readonly JsonObject[];
  readonly actionId: string;
  readonly options: ClickOptions;
  /** Where this person's choices in this message or view are kept. */
  readonly draftKey: string;
}

interface Press {
  readonly action: JsonObject;
  readonly values: JsonObject;
}

/** Presses or chooses; undefined when nothing of it goes to the app. */
function press(desk: Desk, pressed: Pressed): Press | undefined {
  const { workspace, userId } = desk;
  const { blockId, value = null, confirm = 'accept' } = pressed.options;
  const { actionId, blocks, draftKey } = pressed;
  const { block, element } = findElement(blocks, { actionId, blockId, user: userId });
  if (element['confirm'] !== undefined && confirm === 'deny') return undefined;
  const state = chosenState(element, value);
  const drafts = workspace.drafts.get(draftKey) ?? {};
  const inBlock = textAt(block, 'block_id') ?? '';
  const next: Drafts = keepsState(element)
    ? { ...drafts, [inBlock]: { ...drafts[inBlock], [actionId]: state } }
    : drafts;
  workspace.drafts.set(draftKey, next);
  // An input keeps what is put in for the submission, unless it asks to be told at once.
  if (block['type'] === 'input' && block['dispatch_action'] !== true) return undefined;
  return {
    action: payload.actionOf(workspace, { block, element, state }),
    values: stateValues(blocks, next),
  };
}

async function handActions(desk: Desk, built: JsonObject): Promise<Seen> {
  return seenOf(
    await desk.delivery.hand({ kind: 'interactive', type: 'block_actions', payload: built }),
  );
}

/** Presses something in a message of a channel. */
export async function clickMessage(
  desk: Desk,
  channelId: string,
  at: { readonly ts: string; readonly actionId: string; readonly options: ClickOptions },
): Promise<Seen> {
  const { workspace, userId } = desk;
  const user = actor(workspace, userId);
  const channel = visibleChannel(workspace, channelId, user);
  const { ts, actionId, options } = at;
  const message = options.stale ?? findMessage(workspace, channelId, ts);
  if (message === undefined) throw new Error(`There is no message ${ts} in #${channel.name}.`);
  const draftKey = `${userId}/${channelId}/${ts}`;
  const done = press(desk, { blocks: message.blocks ?? [], actionId, options, draftKey });
  if (done === undefined) return { saw: 'nothing', ackMs: null };
  return handActions(desk, payload.messageActions(workspace, { user, channel, message, ...done }));
}

/** Presses something in a message that only this person sees. */
export async function clickEphemeral(
  desk: Desk,
  channelId: string,
  at: { readonly ts: string; readonly actionId: string; readonly options: ClickOptions },
): Promise<Seen> {
  const { workspace, userId } = desk;
  const user = actor(workspace, userId);
  const channel = visibleChannel(workspace, channelId, user);
  const { ts, actionId, options } = at;
  const shown = workspace.ephemerals.find((one) => one.ts === ts && one.to === userId);
  if (shown === undefined) throw new Error(`${user.name} sees no private message ${ts}.`);
  const draftKey = `${userId}/${channelId}/${ts}`;
  const done = press(desk, { blocks: shown.blocks ?? [], actionId, options, draftKey });
  if (done === undefined) return { saw: 'nothing', ackMs: null };
  return handActions(desk, payload.ephemeralActions(workspace, { user, channel, ts, ...done }));
}

/** Takes a private message off this person's screen. */
export function dismiss(desk: Desk, ts: string): void {
  const { workspace, userId } = desk;
  workspace.ephemerals = workspace.ephemerals.filter((one) => one.ts !== ts || one.to !== userId);
  changed(workspace);
}

/** Presses something in an open modal or on the home tab. */
export async function clickView(
  desk: Desk,
  viewId: string,
  { actionId, options }: { readonly actionId: string; readonly options: ClickOptions },
): Promise<Seen> {
  const { workspace, userId } = desk;
  const user = actor(workspace, userId);
  const open = workspace.views.get(viewId);
  if (open === undefined || open.user !== userId) {
    throw new Error(`${user.name} has no view ${viewId} open.`);
  }
  const { view } = open;
  const done = press(desk, { blocks: view.blocks, actionId, options, draftKey: viewId });
  if (done === undefined) return { saw: 'nothing', ackMs: null };
  return handActions(desk, payload.viewActions(workspace, { user, view, ...done }));
}

/** Writes in a channel, or in a thread of it. */
export function say(
  desk: Desk,
  channelId: string,
  { text, threadTs }: { readonly text: string; readonly threadTs?: string | undefined },
): Message {
  const { workspace, userId } = desk;
  const user: User = actor(workspace, userId);
  const channel = writableChannel(workspace, channelId, user);
  const mentioned = escapedMentions(workspace, text).replaceAll(/<@(\w+)\|[^>]*>/g, '<@$1>');
  const content = readContent(workspace, { text: mentioned }, { limitsBlocksTogether: true });
  if (!content.ok) throw new Error(`Slack does not send this: ${content.answer.error ?? ''}`);
  const parent = threadTs === undefined ? undefined : findMessage(workspace, channelId, threadTs);
  if (threadTs !== undefined && parent === undefined) {
    throw new Error(`There is no thread ${threadTs} in #${channel.name}.`);
  }
  return addMessage(workspace, channel, {
    user: userId,
    text: content.found.text,
    ...(parent !== undefined && { thread_ts: parent.thread_ts ?? parent.ts }),
  });
}
