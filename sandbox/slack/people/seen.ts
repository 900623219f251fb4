import type { Ephemeral, Message, View } from '../state.ts';

/** What a person saw of a press or a word; `ackMs` is null when the app did not answer. */
export type Seen =
  | { readonly saw: 'nothing'; readonly ackMs: number | null }
  | { readonly saw: 'failure'; readonly notice: string; readonly ackMs: number | null };

/** What a person saw of a slash command. */
export type SeenCommand =
  | Seen
  | { readonly saw: 'ephemeral'; readonly message: Ephemeral; readonly ackMs: number }
  | { readonly saw: 'message'; readonly message: Message; readonly ackMs: number };

/** What a person saw after pressing a form's button; `by: 'slack'` never reached the app. */
export type Submitted =
  | { readonly saw: 'closed'; readonly ackMs: number }
  | {
      readonly saw: 'errors';
      readonly by: 'slack' | 'app';
      readonly errors: Readonly<Record<string, string>>;
      readonly ackMs: number | null;
    }
  | { readonly saw: 'updated' | 'pushed'; readonly view: View; readonly ackMs: number }
  | { readonly saw: 'trouble'; readonly notice: string; readonly ackMs: number | null };

export const TROUBLE = 'We had some trouble connecting. Try again?';
