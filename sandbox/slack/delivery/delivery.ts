import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import type { EventAttention, Workspace } from '../state.ts';
import { changed, kept, nowSeconds } from '../workspace.ts';
import { httpCarrier } from './http.ts';
import type { Carrier, Outcome, Parcel } from './parcel.ts';

interface DeliveryOptions {
  /** How long the app has to acknowledge. Slack's own: 3,000. */
  readonly ackTimeoutMs: number;
  /** Waiting times before an event is sent again. Slack's own: at once, a minute, five minutes. */
  readonly eventRetryDelaysMs: readonly number[];
}

type Handed = Pick<Parcel, 'kind' | 'type' | 'payload'> & Partial<Parcel>;

export interface DeliverySide {
  readonly deliverTo: (url: string) => void;
  /** Hands over anything as it is: once, whatever becomes of it. */
  readonly hand: (parcel: Handed) => Promise<Outcome>;
  readonly close: () => void;
}

const RETRY_REASONS = {
  timeout: 'http_timeout',
  unreachable: 'connection_failed',
  refused: 'http_error',
} as const;

function logged(
  workspace: Workspace,
  parcel: Parcel,
  via: 'http' | 'socket',
  outcome: Outcome,
): void {
  const acked = outcome.kind === 'acked' ? outcome.ack : undefined;
  const answer =
    acked?.type === 'json'
      ? acked.value
      : acked?.type === 'text' || acked?.type === 'garbage'
        ? acked.text
        : null;
  const answered = outcome.kind === 'acked' || outcome.kind === 'refused';
  workspace.deliveries = kept(workspace.deliveries, {
    kind: parcel.kind,
    type: parcel.type,
    via,
    outcome: outcome.kind,
    ackMs: answered ? outcome.ackMs : null,
    status: answered ? outcome.status : null,
    attempt: parcel.attempt,
    payload: parcel.payload,
    answer,
  });
  changed(workspace);
}

function eventEnvelope(workspace: Workspace, event: JsonObject): JsonObject {
  const { team, app } = workspace;
  const time = nowSeconds(workspace);
  return {
    token: 'verification',
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: app.appId,
    event: { ...event, event_ts: `${time}.${String(workspace.counter).padStart(6, '0')}` },
    type: 'event_callback',
    event_id: `Ev${randomBytes(6).toString('hex').toUpperCase()}`,
    event_time: time,
    event_context: `4-${randomBytes(8).toString('hex')}`,
    authorizations: [
      {
        enterprise_id: null,
        team_id: team.id,
        user_id: app.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
  };
}

/** What an app has to be allowed before Slack tells it of these events. */
const EVENT_SCOPES: Readonly<Record<string, string>> = {
  app_mention: 'app_mentions:read',
  'message.channels': 'channels:history',
  'message.groups': 'groups:history',
  'message.im': 'im:history',
  'message.mpim': 'mpim:history',
  channel_created: 'channels:read',
  channel_archive: 'channels:read',
  channel_rename: 'channels:read',
  member_joined_channel: 'channels:read',
  pin_added: 'pins:read',
};

function isWanted(workspace: Workspace, { subscription, channel }: EventAttention): boolean {
  const { botEvents, botUserId, scopes } = workspace.app;
  if (!botEvents.includes(subscription)) return false;
  const needed = EVENT_SCOPES[subscription];
  if (needed !== undefined && !scopes.includes(needed)) return false;
  // An app hears nothing from a channel it is not in.
  return channel === null || workspace.channels.get(channel)?.members.includes(botUserId) === true;
}

/** The app's address for everything, Bolt's own when only the server is named. */
function requestAddress(given: string): string {
  const url = new URL(given);
  if (url.pathname === '/') url.pathname = '/slack/events';
  return url.href;
}

/** What carries things to the app, by HTTP or by socket, as the app has chosen. */
export function deliverySide(
  workspace: Workspace,
  { ackTimeoutMs, eventRetryDelaysMs, socket }: DeliveryOptions & { readonly socket: Carrier },
): DeliverySide {
  const closing = new AbortController();
  const closed = new Promise<'closed'>((resolve) => {
    closing.signal.addEventListener('abort', () => resolve('closed'));
  });
  const timers = new Set<NodeJS.Timeout>();
  let http: Carrier | undefined;

  const carrier = (): Carrier | undefined => (workspace.socketMode ? socket : http);

  async function carry(parcel: Parcel): Promise<Outcome> {
    const chosen = carrier();
    const outcome: Outcome =
      chosen === undefined ? { kind: 'unreachable' } : await chosen.carry(parcel, ackTimeoutMs);
    if (!closing.signal.aborted) logged(workspace, parcel, chosen?.via ?? 'http', outcome);
    return outcome;
  }

  async function pause(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, delayMs);
      timers.add(timer);
    });
  }

  async function sendEvent(event: JsonObject): Promise<void> {
    const payload = eventEnvelope(workspace, event);
    const type = typeof event['type'] === 'string' ? event['type'] : '';
    let retryReason = '';
    for (let attempt = 0; attempt <= eventRetryDelaysMs.length; attempt += 1) {
      if (closing.signal.aborted) return;
      const outcome = await carry({ kind: 'event', type, payload, attempt, retryReason });
      if (outcome.kind === 'acked') return;
      const overSocket = carrier()?.via === 'socket';
      retryReason = overSocket ? 'timeout' : RETRY_REASONS[outcome.kind];
      // With no socket open, an event waits for one; Slack's own rule for this is not published.
      if (overSocket && outcome.kind === 'unreachable') {
        await Promise.race([socket.reachable(), closed]);
      } else {
        await pause(eventRetryDelaysMs[attempt] ?? 0);
      }
    }
  }

  workspace.onEvent = (event, attention) => {
    if (carrier() === undefined || !isWanted(workspace, attention)) return;
    void sendEvent(event); // Slack does not wait either; the delivery log says what became of it.
  };

  return {
    deliverTo(given) {
      const { signingSecret } = workspace.app;
      const url = requestAddress(given);
      http = httpCarrier({ url, signingSecret, now: Date.now, closed: closing.signal });
      workspace.socketMode = false;
    },
    hand: (parcel) => carry({ attempt: 0, retryReason: '', ...parcel }),
    close() {
      closing.abort();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
