/** A file as a download; what is text can be read here. */
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { markdown } from '../text/markdown.ts';
import type { Preview } from '../world/page.ts';
import type { SlackFile } from '../world/workspace.ts';
import type { Look } from './surfaces.ts';

const PREVIEW_SIZE_MAX_BYTES = 500_000;
const TEXT = /^text\/|sql|json|yaml|xml/;

function sizeInWords(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${sizeBytes} bytes`;
  if (sizeBytes < 1_000_000) return `${Math.round(sizeBytes / 1000)} kB`;
  return `${(sizeBytes / 1_000_000).toFixed(1)} MB`;
}

function isMarkdown({ name, mimetype }: SlackFile): boolean {
  return mimetype === 'text/markdown' || name.endsWith('.md');
}

function shown(given: SlackFile, preview: Preview | undefined): Child {
  if (preview === undefined || preview.state === 'loading') return 'Reading…';
  if (preview.state === 'failed') return 'It could not be read. Download it instead.';
  return isMarkdown(given) ? markdown(preview.text) : h('pre', {}, preview.text);
}

function showWhole({ currentTarget: preview }: Event): void {
  if (!(preview instanceof Element) || preview.closest('details')?.open !== true) return;
  preview.closest('.file')?.scrollIntoView({ block: 'nearest' });
}

export function file(given: SlackFile, { page, acts }: Look): Drawn {
  const { id, name, title, mimetype, sizeBytes } = given;
  const isReadable =
    sizeBytes <= PREVIEW_SIZE_MAX_BYTES && (TEXT.test(mimetype) || isMarkdown(given));
  const onToggle = ({ currentTarget }: Event): void => {
    if (currentTarget instanceof HTMLDetailsElement && currentTarget.open) acts.preview(id);
  };
  return h(
    'div',
    { class: 'file', key: id },
    h(
      'div',
      { class: 'file-head' },
      h(
        'div',
        {},
        h('div', { class: 'file-name' }, title),
        h(
          'div',
          { class: 'quiet' },
          `${title === name ? '' : `${name} · `}${sizeInWords(sizeBytes)}`,
        ),
      ),
      h(
        'a',
        { class: 'button is-plain', href: `/files/${encodeURIComponent(id)}`, download: name },
        'Download',
      ),
    ),
    isReadable &&
      h(
        'details',
        { ontoggle: onToggle },
        h('summary', {}, 'Read it here'),
        // A new node when the text has come: only then is there something to scroll to.
        h(
          'div',
          { class: 'preview', key: page.previews[id]?.state, onmounted: showWhole },
          shown(given, page.previews[id]),
        ),
      ),
  );
}
