import type { Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import type { Workspace } from '../world/workspace.ts';

const HUES = 6;

/** A person's letters on a colour of their own. */
export function avatar({ people, bot }: Workspace, user: string): Drawn {
  const at = people.findIndex(({ id }) => id === user);
  const name = people[at]?.realName ?? '?';
  const letters = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.slice(0, 1).toUpperCase())
    .join('');
  const look = user === bot ? 'is-app' : `hue-${Math.max(at, 0) % HUES}`;
  return h(
    'span',
    { class: `avatar ${look}`, 'aria-hidden': 'true' },
    user === bot ? '↶' : letters,
  );
}
