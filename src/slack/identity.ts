/** Who we are in which workspace: asked once, and asked again until Slack has told. */
import { z } from 'zod';
import type { Web } from './web.ts';
import { call } from './web.ts';

export interface Identity {
  readonly team: string;
  readonly botUser: string;
  readonly bot: string;
}

/** Slack does not take the token: nothing that we do can help. */
export class WrongToken extends Error {
  constructor(error: string) {
    super(`Slack does not take SLACK_BOT_TOKEN (${error}). Reinstall the app and copy its token.`);
    this.name = 'WrongToken';
  }
}

const AuthTest = z.object({
  team_id: z.string().min(1),
  user_id: z.string().min(1),
  bot_id: z.string().min(1),
});

export type WhoAreWe = () => Promise<Identity>;

/** Throws when Slack cannot be reached, and `WrongToken` when it refuses. */
export function openIdentity(web: Web): WhoAreWe {
  let asked: Promise<Identity> | null = null;
  const ask = async (): Promise<Identity> => {
    const answer = await call(web, 'auth.test', { args: {}, shape: AuthTest });
    if (answer.state === 'refused') throw new WrongToken(answer.error);
    if (answer.state !== 'done') throw new Error('Slack cannot be reached at this moment.');
    const { team_id: team, user_id: botUser, bot_id: bot } = answer.value;
    return { team, botUser, bot };
  };
  return async () => {
    asked ??= ask();
    try {
      return await asked;
    } catch (error) {
      asked = null;
      throw error;
    }
  };
}
