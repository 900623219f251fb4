/** A message as words: names instead of ids, times as clocks, nothing that only Slack's own client draws. */
import type { StandInSlack } from '../slack/slack.ts';
import { readableText } from '../slack/text.ts';
import { PEOPLE } from '../world/backout-config.ts';

export function plainText(slack: StandInSlack, text: string): string {
  const drawn = text
    .replaceAll(/<@(\w+)(?:\|[^>]*)?>/g, (_whole, id: string) => `@${nameOf(id)}`)
    .replaceAll(/<#(\w+)(?:\|[^>]*)?>/g, (_whole, id: string) => `#${channelName(slack, id)}`)
    .replaceAll(/<!date\^(\d+)\^[^>]*>/g, (_whole, seconds: string) => clockOf(Number(seconds)))
    .replaceAll(/<(?:https?:[^|>]+)\|([^>]+)>/g, '$1')
    .replaceAll(/<(https?:[^>]+)>/g, '$1')
    .replaceAll(/(^|[\s(“_])\*([^*\n]+)\*/g, '$1$2')
    .replaceAll(/(^|[\s(])_([^_\n]+)_(?=[\s).,:;!?]|$)/g, '$1$2');
  return readableText(drawn);
}

/** As the team calls them; Backout by its own name. */
export function nameOf(userId: string): string {
  const found = Object.entries(PEOPLE).find(([, { slack }]) => slack === userId);
  return found?.[0] ?? 'Backout';
}

function channelName(slack: StandInSlack, id: string): string {
  return slack.channels().find((one) => one.id === id)?.name ?? id;
}

function clockOf(seconds: number): string {
  return new Date(seconds * 1000).toTimeString().slice(0, 8);
}
