import { blockProblems, blocksLength } from '../blocks/payload.ts';
import { printed } from '../blocks/shape.ts';
import { storedBlocks } from '../blocks/stored.ts';
import type { Json, JsonObject } from '../json.ts';
import { isList, isObject } from '../json.ts';
import type { Workspace } from '../state.ts';
import { lengthOf, storedText } from '../text.ts';
import { shortId } from '../workspace.ts';
import type { Step } from './answer.ts';
import { found, refused } from './answer.ts';

const TEXT_LENGTH_MAX = 40_000;
const BLOCKS_LENGTH_MAX = 13_200;
const MARKDOWN_LENGTH_MAX = 12_000;
const ATTACHMENTS_MAX = 100;
const METADATA_SIZE_MAX_BYTES = 8192;
const TEXT_FOR_BLOCKS_ONLY = "This content can't be displayed.";

/** What a message is to hold, as given; `blocks: undefined` inside means it was not JSON. */
interface GivenContent {
  readonly text?: string | undefined;
  readonly markdown_text?: string | undefined;
  readonly blocks?: { readonly value: Json | undefined } | undefined;
  readonly attachments?: { readonly value: Json | undefined } | undefined;
  readonly metadata?: { readonly value: Json | undefined } | undefined;
}

export interface Content {
  readonly text: string;
  readonly blocks?: readonly JsonObject[];
  readonly attachments?: readonly JsonObject[];
  readonly metadata?: JsonObject;
  readonly warnings: readonly string[];
}

interface Rules {
  /** Longer texts are refused; without it they are cut at 40,000 characters. */
  readonly textLengthMax?: number;
  /** A response_url has no limit on all blocks together. */
  readonly limitsBlocksTogether: boolean;
}

export function readBlocks(
  workspace: Workspace,
  given: GivenContent['blocks'],
  { pointer, limitsBlocksTogether }: { readonly pointer: string } & Rules,
): Step<readonly JsonObject[] | undefined> {
  if (given === undefined) return found(undefined);
  if (!isList(given.value)) return refused('invalid_blocks_format');
  const problems = blockProblems(given.value, { surface: 'message', pointer }).map(printed);
  if (problems.length > 0) {
    return refused('invalid_blocks', {
      errors: problems,
      response_metadata: { messages: problems.map((text) => `[ERROR] ${text}`) },
    });
  }
  if (limitsBlocksTogether && blocksLength(given.value) > BLOCKS_LENGTH_MAX) {
    return refused('msg_blocks_too_long');
  }
  return found(storedBlocks(given.value, () => shortId(workspace)));
}

function readAttachments(
  workspace: Workspace,
  given: GivenContent['attachments'],
  rules: Rules,
): Step<readonly JsonObject[] | undefined> {
  if (given === undefined) return found(undefined);
  const value = given.value;
  if (!isList(value) || !value.every(isObject)) return refused('invalid_attachments');
  if (value.length > ATTACHMENTS_MAX) return refused('too_many_attachments');
  const stored: JsonObject[] = [];
  for (const [index, attachment] of value.entries()) {
    const pointer = `/attachments/${index}/blocks`;
    const inBlocks = attachment['blocks'];
    const inner = inBlocks === undefined ? undefined : { value: inBlocks };
    const blocks = readBlocks(workspace, inner, { pointer, ...rules });
    if (!blocks.ok) return blocks;
    stored.push({ id: index + 1, ...attachment, ...(blocks.found && { blocks: blocks.found }) });
  }
  return found(stored);
}

function readMetadata(given: GivenContent['metadata']): Step<JsonObject | undefined> {
  if (given === undefined) return found(undefined);
  const { value } = given;
  if (!isObject(value)) return refused('invalid_metadata_format');
  if (Object.keys(value).length === 0) return found(value);
  const { event_type: type, event_payload: payload } = value;
  if (typeof type !== 'string' || !isObject(payload)) return refused('invalid_metadata_format');
  if (!/^\w{1,255}$/.test(type)) return refused('invalid_metadata_schema');
  const unknown = Object.keys(value).some(
    (key) => !['event_type', 'event_payload', 'entities'].includes(key),
  );
  if (unknown) return refused('invalid_metadata_schema');
  if (Buffer.byteLength(JSON.stringify(value)) > METADATA_SIZE_MAX_BYTES) {
    return refused('metadata_too_large');
  }
  return found(value);
}

function readText(given: GivenContent, { textLengthMax }: Rules): Step<string | undefined> {
  const { text, markdown_text: markdown } = given;
  if (markdown !== undefined) {
    if (text !== undefined || given.blocks !== undefined) {
      return refused('markdown_text_conflict');
    }
    if (lengthOf(markdown) > MARKDOWN_LENGTH_MAX) return refused('msg_too_long');
    return found(markdown);
  }
  if (text !== undefined && textLengthMax !== undefined && lengthOf(text) > textLengthMax) {
    return refused('msg_too_long');
  }
  return found(text);
}

/** The content as Slack stores it, or why Slack refuses it. */
export function readContent(
  workspace: Workspace,
  given: GivenContent,
  rules: Rules,
): Step<Content> {
  const text = readText(given, rules);
  if (!text.ok) return text;
  const blocks = readBlocks(workspace, given.blocks, { pointer: '/blocks', ...rules });
  if (!blocks.ok) return blocks;
  const attachments = readAttachments(workspace, given.attachments, rules);
  if (!attachments.ok) return attachments;
  const metadata = readMetadata(given.metadata);
  if (!metadata.ok) return metadata;

  const hasBlocks = (blocks.found ?? []).length > 0;
  const hasAttachments = (attachments.found ?? []).length > 0;
  const written = text.found ?? '';
  if (written === '' && !hasBlocks && !hasAttachments) return refused('no_text');
  const cut = lengthOf(written) > TEXT_LENGTH_MAX;
  const kept = cut ? Array.from(written).slice(0, TEXT_LENGTH_MAX).join('') : written;
  return found({
    text: written === '' && hasBlocks ? TEXT_FOR_BLOCKS_ONLY : storedText(kept, { links: true }),
    ...(hasBlocks && { blocks: blocks.found ?? [] }),
    ...(hasAttachments && { attachments: attachments.found ?? [] }),
    ...(metadata.found && { metadata: metadata.found }),
    warnings: cut ? ['message_truncated'] : [],
  });
}
