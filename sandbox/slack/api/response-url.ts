import { faultReply, limited, noteCall } from './call.ts';
import { meetFault } from '../faults.ts';
import type { Received, Reply } from '../http.ts';
import type { Json, JsonObject } from '../json.ts';
import { decodeObject, textAt } from '../json.ts';
import { addMessage, findMessage, removeMessage, replaceMessage } from '../messages.ts';
import type { Channel, ResponseUrl, Workspace } from '../state.ts';
import { changed, nextTs } from '../workspace.ts';
import { fail } from './answer.ts';
import { appAuthor, showEphemeral, stored } from './chat.ts';
import type { Content } from './content.ts';
import { readContent } from './content.ts';
import { postTooSoon } from './rate-limits.ts';

const USES_MAX = 5;
const TTL_MS = 30 * 60_000;

interface Target {
  readonly url: ResponseUrl;
  readonly channel: Channel;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function forget(workspace: Workspace, { url, channel }: Target): void {
  if (url.ts === null) return;
  if (url.kind === 'message') {
    if (findMessage(workspace, channel.id, url.ts) !== undefined) {
      removeMessage(workspace, channel, url.ts);
    }
    return;
  }
  workspace.ephemerals = workspace.ephemerals.filter(({ ts }) => ts !== url.ts);
  changed(workspace);
}

function replace(workspace: Workspace, { url, channel }: Target, content: Content): void {
  if (url.ts === null) return;
  const { metadata: _metadata, ...visible } = stored(content);
  if (url.kind === 'ephemeral') {
    workspace.ephemerals = workspace.ephemerals.map((shown) => {
      if (shown.ts !== url.ts) return shown;
      const { blocks: _blocks, attachments: _attachments, ...kept } = shown;
      return { ...kept, ...visible };
    });
    changed(workspace);
    return;
  }
  const message = findMessage(workspace, channel.id, url.ts);
  if (message === undefined) return;
  const { blocks: _blocks, attachments: _attachments, ...kept } = message;
  const edited = { user: workspace.app.botUserId, ts: nextTs(workspace) };
  replaceMessage(workspace, channel, { ...kept, ...visible, edited });
}

function post(
  workspace: Workspace,
  { url, channel }: Target,
  given: JsonObject,
  content: Content,
): void {
  const thread = textAt(given, 'thread_ts');
  const inThread = thread === undefined ? {} : { thread_ts: thread };
  // An ephemeral message cannot be turned into one for all.
  if (given['response_type'] === 'in_channel' && url.kind !== 'ephemeral') {
    addMessage(workspace, channel, { ...appAuthor(workspace), ...stored(content), ...inThread });
    return;
  }
  showEphemeral(workspace, { to: url.user, channel: channel.id, content, ...inThread });
}

function respond(workspace: Workspace, target: Target, given: JsonObject): Reply {
  const { url } = target;
  const done: Reply = { status: 200, body: 'ok' };
  const hasOriginal = url.kind === 'message' || url.kind === 'ephemeral';
  const deletes = isTrue(given['delete_original']) && hasOriginal;
  const wrap = (key: string): { readonly value: Json } | undefined => {
    const value = given[key];
    return value === undefined || value === null ? undefined : { value };
  };
  const says = ['text', 'blocks', 'attachments'].some((key) => given[key] !== undefined);
  if (deletes) forget(workspace, target);
  if (deletes && !says) return done;
  const content = readContent(
    workspace,
    { text: textAt(given, 'text'), blocks: wrap('blocks'), attachments: wrap('attachments') },
    { limitsBlocksTogether: false },
  );
  if (!content.ok) return { status: 400, body: content.answer.error ?? '' };
  if (isTrue(given['replace_original']) && hasOriginal && !deletes) {
    replace(workspace, target, content.found);
  } else {
    post(workspace, target, given, content.found);
  }
  return done;
}

/** A post to a response_url: no token, five times, half an hour. */
export function answerResponseUrl(workspace: Workspace, path: string, received: Received): Reply {
  const given = decodeObject(received.body.toString()) ?? {};
  const reply = checked(workspace, path, given);
  noteCall(workspace, { method: 'response_url', args: given, reply });
  return reply;
}

function checked(workspace: Workspace, path: string, given: JsonObject): Reply {
  const fault = meetFault(workspace, 'response_url');
  const faulty = faultReply(fault);
  if (faulty !== undefined) return faulty;
  const url = workspace.responseUrls.get(path);
  const channel = url && workspace.channels.get(url.channel);
  if (url === undefined || channel === undefined) {
    return { status: 404, body: fail('no_such_response_url') };
  }
  if (workspace.now() - url.madeAt > TTL_MS) return { status: 404, body: fail('expired_url') };
  if (url.uses >= USES_MAX) return { status: 404, body: fail('used_url') };
  if (channel.isArchived) return { status: 404, body: fail('is_archived') };
  const wait = postTooSoon(workspace, channel.id);
  if (wait !== undefined) return limited(wait);
  workspace.responseUrls.set(path, { ...url, uses: url.uses + 1 });
  const reply = respond(workspace, { url, channel }, given);
  return fault?.kind === 'lost-answer' ? 'cut' : reply;
}
