import type { JsonObject } from './json.ts';
import { listAt, objectAt, objectsAt, textAt } from './json.ts';
import { allBlocks } from './blocks/payload.ts';
import { everythingToUse } from './people/finding.ts';
import type { Message, Workspace } from './state.ts';
import { readableText } from './text.ts';

const LOG_LINES_MAX = 15;

function written(block: JsonObject): readonly string[] {
  const own = block['text'];
  const direct = typeof own === 'string' ? [own] : [];
  const fields = objectsAt(block, 'fields').flatMap((field) => textAt(field, 'text') ?? []);
  const label = textAt(objectAt(block, 'label'), 'text');
  const title = textAt(objectAt(block, 'title'), 'text');
  const inContext =
    block['type'] === 'context'
      ? objectsAt(block, 'elements').flatMap((element) => textAt(element, 'text') ?? [])
      : [];
  return [
    ...direct,
    ...[title, textAt(objectAt(block, 'text'), 'text'), label].flatMap((text) => text ?? []),
    ...fields,
    ...inContext,
  ];
}

/** The words of blocks as a person reads them, one block a line, buttons in square brackets. */
export function wordsOfBlocks(blocks: readonly JsonObject[]): string {
  const buttons = everythingToUse(blocks).map(({ element }) => {
    const words = textAt(objectAt(element, 'text'), 'text') ?? textAt(element, 'type') ?? '';
    return `[${words}: ${textAt(element, 'action_id') ?? ''}]`;
  });
  const lines = allBlocks(blocks).flatMap(written).map(readableText);
  return [...lines, ...(buttons.length > 0 ? [buttons.join(' ')] : [])].join('\n');
}

function indented(text: string, by: string): string {
  return text.split('\n').join(`\n${by}`);
}

function line(workspace: Workspace, message: Message): string {
  const name = workspace.users.get(message.user)?.name ?? message.user;
  const isReply = message.thread_ts !== undefined && message.thread_ts !== message.ts;
  const blocks = message.blocks ?? [];
  const words = blocks.length > 0 ? wordsOfBlocks(blocks) : readableText(message.text);
  const files = (message.files ?? []).map((file) => ` <file ${file.name}>`).join('');
  const margin = isReply ? '      ' : '  ';
  const edited = message.edited === undefined ? '' : ' (edited)';
  return `${margin}${message.ts} ${name}${edited}: ${indented(words, `${margin}    `)}${files}`;
}

/** The whole conversation as text, for errors: channels, private messages, forms, last calls. */
export function transcript(workspace: Workspace): string {
  const channels = [...workspace.channels.values()].map((channel) => {
    const messages = workspace.messages.get(channel.id) ?? [];
    const state = channel.isArchived ? ' (archived)' : '';
    const name = channel.name === '' ? 'direct messages' : channel.name;
    const title = `#${name} ${channel.id}${state}`;
    return [title, ...messages.map((message) => line(workspace, message))].join('\n');
  });
  const privates = workspace.ephemerals.map((shown) => {
    const words = shown.blocks === undefined ? shown.text : wordsOfBlocks(shown.blocks);
    return `  only for ${shown.to} in ${shown.channel}: ${indented(readableText(words), '      ')}`;
  });
  const forms = [...workspace.stacks].flatMap(([user, stack]) =>
    stack.map((id) => {
      const view = workspace.views.get(id)?.view;
      return `  form of ${user} ${id} ${view?.callback_id ?? ''}: ${indented(wordsOfBlocks(view?.blocks ?? []), '      ')}`;
    }),
  );
  const deliveries = workspace.deliveries
    .slice(-LOG_LINES_MAX)
    .map(({ kind, type, outcome, ackMs }) => {
      const took = ackMs === null ? 'never' : `${Math.round(ackMs)} ms`;
      return `  to the app: ${kind} ${type}: ${outcome}, ${took}`;
    });
  const calls = workspace.calls.slice(-LOG_LINES_MAX).map(({ method, status, answer }) => {
    const problems = listAt(objectAt(answer ?? {}, 'response_metadata'), 'messages');
    const error = textAt(answer ?? {}, 'error');
    const detail = problems.length > 0 ? ` ${JSON.stringify(problems)}` : '';
    return `  from the app: ${method}: ${status} ${error ?? 'ok'}${detail}`;
  });
  return [...channels, ...privates, ...forms, ...deliveries, ...calls].join('\n');
}
