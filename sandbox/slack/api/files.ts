import { randomBytes } from 'node:crypto';
import { extname } from 'node:path';
import { z } from 'zod';
import { isList, textAt } from '../json.ts';
import { addMessage, threadOf } from '../messages.ts';
import type { SlackFile, Workspace } from '../state.ts';
import { changed, nextId, nowSeconds } from '../workspace.ts';
import { isMember, seeChannel } from './access.ts';
import type { Answer } from './answer.ts';
import { fail, ok } from './answer.ts';
import { appAuthor } from './chat.ts';
import { readBlocks } from './content.ts';
import { defineMethod, integer, json, text } from './define.ts';

const ALT_LENGTH_MAX = 1000;
const FILE_SIZE_MAX_BYTES = 1024 * 1024 * 1024;

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.md': 'text/markdown',
  '.txt': 'text/plain',
  '.csv': 'text/csv',
  '.sql': 'application/sql',
  '.json': 'application/json',
  '.png': 'image/png',
};

const getUploadUrl = defineMethod({
  name: 'files.getUploadURLExternal',
  tier: 4,
  scopes: ['files:write'],
  jsonBody: false,
  args: z.object({ filename: text, length: integer, alt_txt: text.optional() }),
  run(workspace, { filename, length, alt_txt: alt = '' }) {
    if (length < 1 || filename === '') return fail('missing_argument');
    if (length > FILE_SIZE_MAX_BYTES) return fail('file_upload_size_restricted');
    if (alt.length > ALT_LENGTH_MAX) return fail('alt_txt_too_large');
    const fileId = nextId(workspace, 'F');
    const ticket = randomBytes(16).toString('hex');
    workspace.uploads.set(ticket, { fileId, filename, size: length, content: null });
    return ok({ upload_url: `${workspace.baseUrl}/upload/v1/${ticket}`, file_id: fileId });
  },
});

/** Takes the bytes of an upload; Slack answers `OK - <length>`. */
export function receiveUpload(workspace: Workspace, ticket: string, content: Buffer): boolean {
  const upload = workspace.uploads.get(ticket);
  if (upload === undefined || upload.content !== null) return false;
  workspace.uploads.set(ticket, { ...upload, content });
  return true;
}

function finished(
  workspace: Workspace,
  id: string,
  title: string | undefined,
): SlackFile | undefined {
  const entry = [...workspace.uploads].find(([, upload]) => upload.fileId === id);
  if (entry === undefined || entry[1].content === null) return undefined;
  const [ticket, { filename, content }] = entry;
  const file: SlackFile = {
    id,
    name: filename,
    title: title ?? filename,
    mimetype: MIME_TYPES[extname(filename)] ?? 'application/octet-stream',
    size: content.length,
    user: workspace.app.botUserId,
    created: nowSeconds(workspace),
    url_private: `${workspace.baseUrl}/files/${id}`,
    permalink: `${workspace.baseUrl}/files/${id}`,
  };
  workspace.files.set(id, { file, content });
  workspace.uploads.delete(ticket);
  changed(workspace);
  return file;
}

const completeUpload = defineMethod({
  name: 'files.completeUploadExternal',
  tier: 4,
  scopes: ['files:write'],
  args: z.object({
    files: json,
    channel_id: text.optional(),
    thread_ts: text.optional(),
    initial_comment: text.optional(),
    blocks: json.optional(),
  }),
  run(workspace, args): Answer {
    const asked = isList(args.files.value) ? args.files.value : [];
    const ids = asked.flatMap((one) => textAt(one, 'id') ?? []);
    if (ids.length === 0 || ids.length < asked.length) return fail('file_not_found');
    const channel =
      args.channel_id === undefined ? undefined : seeChannel(workspace, args.channel_id);
    if (channel?.ok === false) return channel.answer;
    if (channel?.found.isArchived === true) return fail('posting_to_channel_denied');
    if (channel !== undefined && !isMember(workspace, channel.found)) return fail('not_in_channel');
    const blocks = readBlocks(workspace, args.blocks, {
      pointer: '/blocks',
      limitsBlocksTogether: true,
    });
    if (!blocks.ok) return blocks.answer;
    const files = ids.map((id, index) => finished(workspace, id, textAt(asked[index], 'title')));
    const done = files.flatMap((file) => file ?? []);
    if (done.length < files.length) return fail('file_not_found');
    if (channel !== undefined) {
      const { thread_ts: threadTs, initial_comment: comment = '' } = args;
      const thread =
        threadTs === undefined ? undefined : threadOf(workspace, channel.found.id, threadTs);
      addMessage(workspace, channel.found, {
        ...appAuthor(workspace),
        text: comment,
        files: done,
        ...(blocks.found !== undefined && { blocks: blocks.found }),
        ...(thread !== undefined && { thread_ts: thread }),
      });
    }
    return ok({ files: done });
  },
});

const filesInfo = defineMethod({
  name: 'files.info',
  tier: 4,
  scopes: ['files:read'],
  jsonBody: false,
  args: z.object({ file: text }),
  run(workspace, { file: id }) {
    const entry = workspace.files.get(id);
    return entry === undefined ? fail('file_not_found') : ok({ file: entry.file });
  },
});

export const fileMethods = [getUploadUrl, completeUpload, filesInfo] as const;
