import type { KnownBlock } from '@slack/types';
import type { Standing } from '../../incident/standing/standing.ts';
import type { PersonId } from '../../incident/names.ts';
import { truth, whatToDo } from './card.ts';
import type { Drawing, Scene } from './drawing.ts';
import { buttons, lines, shown } from './parts.ts';
import { fitting, rendered } from './render.ts';

const TEXT_MAX = 900;

/** A message that rings while it holds, and is a quiet line afterwards. */
export function ask(
  scene: Scene,
  given: {
    readonly key: string;
    readonly holds: boolean;
    readonly people: readonly PersonId[];
    readonly now: readonly string[];
    /** Below what is so now. */
    readonly details?: readonly KnownBlock[];
    readonly moves: Standing['moves'];
    readonly afterwards: string;
  },
): Drawing {
  const draw = (text: string): string => fitting(rendered(text, scene.people), TEXT_MAX);
  const base = { key: given.key, kind: 'ask', where: 'incident' } as const;
  if (!given.holds) {
    const text = fitting(rendered(given.afterwards, scene.people, 'name'), TEXT_MAX);
    return { ...base, ...shown(text, lines([text])), over: true };
  }
  const texts = given.now.map(draw);
  const blocks = [...lines(texts), ...(given.details ?? []), ...buttons(given.moves)];
  return { ...base, ...shown(texts.join('\n'), blocks), rings: given.people };
}

export function asStanding(stands: Standing): readonly string[] {
  return [...truth(stands), ...whatToDo(stands)];
}
