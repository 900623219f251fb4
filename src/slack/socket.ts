/**
 * Keeps a Socket Mode connection open. The library's own reconnection waits 5 s, in which commands fail,
 * and ends the whole process with an unhandled rejection when Slack does not answer it (@slack/socket-mode 3.1).
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { SocketModeReceiver } from '@slack/bolt';
import { WebAPIPlatformError } from '@slack/web-api';
import type { Log } from '../log.ts';
import { describeError } from '../log.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const AGAIN_MIN_MS = 100;
const AGAIN_MAX_MS = 10_000;

export type SocketClient = Pick<
  SocketModeReceiver['client'],
  'start' | 'disconnect' | 'on' | 'off' | 'listeners'
>;

export interface KeptSocket {
  /** Resolves when the first connection is there; throws when Slack refuses the token. */
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function keepSocket(client: SocketClient, log: Log): KeptSocket {
  surviveMessages(client, log);
  const closing = new AbortController();
  let isConnecting = false;

  const connect = async (options: { readonly isFirst: boolean }): Promise<void> => {
    if (isConnecting) return;
    isConnecting = true;
    try {
      for (let waitMs = AGAIN_MIN_MS; !closing.signal.aborted; waitMs = longer(waitMs)) {
        const refusal = await tryOnce(client, log);
        if (refusal === null) return;
        if (options.isFirst && refusal !== '') {
          throw new Error(
            `Slack does not take SLACK_APP_TOKEN (${refusal}). It needs the scope connections:write.`,
          );
        }
        await wait(waitMs, undefined, closing).catch(() => undefined);
      }
    } finally {
      isConnecting = false;
    }
  };

  const again = (): void => {
    if (closing.signal.aborted) return;
    connect({ isFirst: false }).catch((error: unknown) => {
      log.error({ error: describeError(error) }, 'the connection to Slack cannot be made again');
    });
  };

  return {
    open: async () => {
      client.on('disconnected', again);
      await connect({ isFirst: true });
    },
    close: async () => {
      closing.abort();
      client.off('disconnected', again);
      await client.disconnect();
    },
  };
}

function longer(waitMs: number): number {
  return Math.min(AGAIN_MAX_MS, waitMs * 2);
}

/** Null when it is connected; the name of Slack's refusal, or nothing for a failure that may pass. */
async function tryOnce(client: SocketClient, log: Log): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CONNECT_TIMEOUT_MS);
  });
  const started = client.start();
  // When the time is up first, its later failure is nobody's business any more.
  started.catch(() => undefined);
  try {
    await Promise.race([started, late]);
    return null;
  } catch (error) {
    const refusal = error instanceof WebAPIPlatformError ? error.data.error : '';
    log.warn({ refusal }, 'no connection to Slack yet');
    return refusal;
  } finally {
    clearTimeout(timer);
  }
}

/** The library's own listener rejects, and nobody handles it, when a message is not as it expects. */
function surviveMessages(client: SocketClient, log: Log): void {
  for (const hear of client.listeners('ws_message')) {
    client.off('ws_message', hear);
    client.on('ws_message', (...message: readonly unknown[]) => {
      const heard: unknown = Reflect.apply(hear, client, message);
      Promise.resolve(heard).catch((error: unknown) => {
        log.warn({ error: describeError(error) }, 'a message of Slack cannot be read');
      });
    });
  }
}
