import type { Child } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { link } from '../text/links.ts';
import type { JsonObject } from '../world/json.ts';
import { textAt } from '../world/json.ts';

/** Pictures of this workspace are shown; nothing is fetched from elsewhere. */
export function image(given: JsonObject): Child {
  const alt = textAt(given, 'alt_text') ?? '';
  const url = textAt(given, 'image_url') ?? '';
  const isOurs = url.startsWith('data:image/') || url.startsWith(`${location.origin}/`);
  if (isOurs) return h('img', { src: url, alt, loading: 'lazy' });
  return h('span', { class: 'hint' }, 'Picture: ', link(url, alt === '' ? url : alt));
}
