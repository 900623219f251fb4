import { join, leaveChannel } from '../api/membership.ts';
import type { Message, View } from '../state.ts';
import { directMessages } from '../workspace.ts';
import type { ClickOptions, Desk } from './acting.ts';
import { clickEphemeral, clickMessage, clickView, dismiss, say, sayCommand } from './acting.ts';
import { actor, visibleChannel } from './finding.ts';
import type { FormValues } from './forms.ts';
import { closeForm, submitForm } from './forms.ts';
import type { Seen, SeenCommand, Submitted } from './seen.ts';

/** Somebody at a client: everything returns what this person saw. */
export interface Person {
  readonly id: string;
  readonly command: (channelId: string, command: string, text?: string) => Promise<SeenCommand>;
  readonly click: (
    channelId: string,
    ts: string,
    actionId: string,
    options?: ClickOptions,
  ) => Promise<Seen>;
  readonly clickEphemeral: (
    channelId: string,
    ts: string,
    actionId: string,
    options?: ClickOptions,
  ) => Promise<Seen>;
  /** Takes a private message off the screen. */
  readonly dismiss: (ts: string) => void;
  readonly clickView: (viewId: string, actionId: string, options?: ClickOptions) => Promise<Seen>;
  readonly submit: (viewId: string, values?: FormValues) => Promise<Submitted>;
  readonly closeView: (viewId: string) => Promise<Seen>;
  readonly say: (
    channelId: string,
    text: string,
    options?: { readonly threadTs?: string },
  ) => Message;
  readonly join: (channelId: string) => void;
  readonly leave: (channelId: string) => void;
  /** The id of this person's conversation with the app. */
  readonly directMessages: () => string;
  /** Opens the app's home tab: the app is told, and what it has published is shown. */
  readonly openHome: () => View | null;
}

export function person(desk: Desk): Person {
  const { workspace, userId } = desk;
  return {
    id: userId,
    command: (channelId, command, text = '') => sayCommand(desk, channelId, { command, text }),
    click: (channelId, ts, actionId, options = {}) =>
      clickMessage(desk, channelId, { ts, actionId, options }),
    clickEphemeral: (channelId, ts, actionId, options = {}) =>
      clickEphemeral(desk, channelId, { ts, actionId, options }),
    dismiss: (ts) => dismiss(desk, ts),
    clickView: (viewId, actionId, options = {}) => clickView(desk, viewId, { actionId, options }),
    submit: (viewId, values = {}) => submitForm(desk, viewId, values),
    closeView: (viewId) => closeForm(desk, viewId),
    say: (channelId, text, options = {}) => say(desk, channelId, { text, ...options }),
    join(channelId) {
      const user = actor(workspace, userId);
      const channel = visibleChannel(workspace, channelId, user);
      if (!channel.members.includes(userId)) join(workspace, channel, { users: [userId] });
    },
    leave(channelId) {
      leaveChannel(
        workspace,
        visibleChannel(workspace, channelId, actor(workspace, userId)),
        userId,
      );
    },
    directMessages: () => directMessages(workspace, actor(workspace, userId).id).id,
    openHome() {
      const channel = directMessages(workspace, actor(workspace, userId).id).id;
      workspace.onEvent(
        { type: 'app_home_opened', user: userId, channel, tab: 'home' },
        { subscription: 'app_home_opened', channel: null },
      );
      return workspace.views.get(workspace.homes.get(userId) ?? '')?.view ?? null;
    },
  };
}
