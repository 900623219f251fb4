import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { DeliverySide } from './delivery/delivery.ts';
import type { Received, Reply } from './http.ts';
import type { JsonObject } from './json.ts';
import { decodeJson } from './json.ts';
import { shownMessage } from './messages.ts';
import { canSee } from './people/finding.ts';
import type { Person } from './people/person.ts';
import { person } from './people/person.ts';
import type { Seen, SeenCommand, Submitted } from './people/seen.ts';
import { channelSeen } from './reading.ts';
import type { Message, User, Workspace } from './state.ts';
import { stackOf } from './views.ts';

const EVENTS_EVERY_MS = 100;

function userShown({ id, name, realName, kind }: User): JsonObject {
  return { id, name, realName, kind };
}

/** All that one person sees. */
function pageState(workspace: Workspace, user: User): JsonObject {
  const channels = [...workspace.channels.values()].filter((channel) => canSee(channel, user));
  const messages = new Map(
    channels.map(({ id }) => [
      id,
      (workspace.messages.get(id) ?? []).map((message) => shownMessage(workspace, id, message)),
    ]),
  );
  const top = stackOf(workspace, user.id).at(-1) ?? '';
  return {
    rev: workspace.rev,
    team: workspace.team,
    me: userShown(user),
    botUserId: workspace.app.botUserId,
    commands: workspace.app.commands.map(({ command }) => command),
    users: [...workspace.users.values()].map(userShown),
    channels: channels.map((channel) => ({ ...channelSeen(channel), kind: channel.kind })),
    messages: Object.fromEntries<readonly Message[]>(messages),
    ephemerals: workspace.ephemerals.filter(({ to }) => to === user.id),
    view: workspace.views.get(top)?.view ?? null,
    home: workspace.views.get(workspace.homes.get(user.id) ?? '')?.view ?? null,
    slashNotices: workspace.slashNotices.filter((notice) => notice.user === user.id),
  };
}

/** Tells the page of each change, at most ten times a second. */
export function streamChanges(workspace: Workspace, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    connection: 'keep-alive',
  });
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    timer = undefined;
    response.write(`event: changed\ndata: ${JSON.stringify({ rev: workspace.rev })}\n\n`);
  };
  const watch = (): void => {
    timer ??= setTimeout(tell, EVENTS_EVERY_MS);
  };
  tell();
  workspace.watchers.add(watch);
  response.on('close', () => {
    workspace.watchers.delete(watch);
    clearTimeout(timer);
  });
}

const FieldValue = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string()).readonly(),
]);
const Press = {
  actionId: z.string(),
  blockId: z.string().optional(),
  value: FieldValue.optional(),
  selected: FieldValue.optional(),
  confirm: z.enum(['accept', 'deny']).optional(),
};
const Command = z.object({ channel: z.string(), text: z.string() });
const Click = z.object({
  channel: z.string(),
  ts: z.string(),
  ephemeral: z.boolean().optional(),
  ...Press,
});
const ClickView = z.object({ viewId: z.string(), ...Press });
const Submit = z.object({
  viewId: z.string(),
  values: z.record(z.string(), z.union([FieldValue, z.record(z.string(), FieldValue)])).default({}),
});
const OfView = z.object({ viewId: z.string() });
const Say = z.object({
  channel: z.string(),
  text: z.string(),
  threadTs: z.string().optional(),
});
const OfMessage = z.object({ ts: z.string() });
const OfChannel = z.object({ channel: z.string() });

type Pressed = z.infer<typeof ClickView> | z.infer<typeof Click>;

function pressOptions({ blockId, value, selected, confirm }: Pressed): {
  readonly blockId?: string;
  readonly value?: z.infer<typeof FieldValue>;
  readonly confirm?: 'accept' | 'deny';
} {
  const chosen = value ?? selected;
  return {
    ...(blockId !== undefined && { blockId }),
    ...(chosen !== undefined && { value: chosen }),
    ...(confirm !== undefined && { confirm }),
  };
}

type Deed = (who: Person, body: unknown) => Promise<Seen | SeenCommand | Submitted>;

const nothing = { saw: 'nothing', ackMs: null } as const;

const DEEDS: Readonly<Record<string, Deed>> = {
  async command(who, body) {
    const { channel, text } = Command.parse(body);
    const [command = '', ...words] = text.trim().split(/\s+/);
    const rest = words.length === 0 ? '' : text.trim().slice(command.length).trim();
    return who.command(channel, command, rest);
  },
  async click(who, body) {
    const click = Click.parse(body);
    const { channel, ts, actionId } = click;
    const press = click.ephemeral === true ? who.clickEphemeral : who.click;
    return press(channel, ts, actionId, pressOptions(click));
  },
  async 'click-view'(who, body) {
    const click = ClickView.parse(body);
    return who.clickView(click.viewId, click.actionId, pressOptions(click));
  },
  async submit(who, body) {
    const { viewId, values } = Submit.parse(body);
    return who.submit(viewId, values);
  },
  close: async (who, body) => who.closeView(OfView.parse(body).viewId),
  async say(who, body) {
    const { channel, text, threadTs } = Say.parse(body);
    who.say(channel, text, threadTs === undefined ? {} : { threadTs });
    return nothing;
  },
  async join(who, body) {
    who.join(OfChannel.parse(body).channel);
    return nothing;
  },
  async dismiss(who, body) {
    who.dismiss(OfMessage.parse(body).ts);
    return nothing;
  },
  async home(who) {
    who.openHome();
    return nothing;
  },
};

/** `saw` is what to show the person: Slack's words when something went wrong. */
function told(seen: Seen | SeenCommand | Submitted): JsonObject {
  const { ackMs } = seen;
  if (seen.saw === 'failure' || seen.saw === 'trouble') {
    return { ok: false, saw: seen.notice, ackMs };
  }
  if (seen.saw === 'errors') return { ok: false, saw: 'errors', errors: seen.errors, ackMs };
  return { ok: true, saw: seen.saw, ackMs };
}

async function act(
  { workspace, delivery }: { readonly workspace: Workspace; readonly delivery: DeliverySide },
  { userId, deed, body }: { readonly userId: string; readonly deed: Deed; readonly body: unknown },
): Promise<Reply> {
  try {
    const seen = await deed(person({ workspace, delivery, userId }), body);
    return { status: 200, body: told(seen) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { status: 400, body: { ok: false, saw: why } };
  }
}

/** Everything below `/page/` but the stream of changes. */
export async function pageReply(
  parts: { readonly workspace: Workspace; readonly delivery: DeliverySide },
  received: Received,
): Promise<Reply> {
  const { workspace } = parts;
  const [, , what = '', userInPath = '', deedName = ''] = received.url.pathname.split('/');
  const userId = what === 'as' ? userInPath : (received.url.searchParams.get('user') ?? '');
  const user = workspace.users.get(userId);
  if (user === undefined)
    return { status: 404, body: { ok: false, saw: 'There is nobody so named.' } };
  if (what === 'state') return { status: 200, body: pageState(workspace, user) };
  const deed = Object.hasOwn(DEEDS, deedName) ? DEEDS[deedName] : undefined;
  if (what !== 'as' || deed === undefined || received.httpMethod !== 'POST') {
    return { status: 404, body: { ok: false, saw: 'There is no such thing to do.' } };
  }
  return act(parts, { userId, deed, body: decodeJson(received.body.toString()) });
}
