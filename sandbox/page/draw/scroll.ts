/** Keeps what a person reads where it is while the page changes around it. */
const AT_BOTTOM_PX = 40;

interface Place {
  readonly box: HTMLElement;
  readonly of: string | undefined;
  readonly isAtBottom: boolean;
  readonly anchor: Element | undefined;
  readonly anchorTop: number;
}

function boxes(): readonly HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-scroll]')];
}

export function isAtBottom(box: HTMLElement): boolean {
  return box.scrollHeight - box.scrollTop - box.clientHeight < AT_BOTTOM_PX;
}

function placeOf(box: HTMLElement): Place {
  const top = box.getBoundingClientRect().top;
  const rows = [...(box.firstElementChild?.children ?? [])];
  const anchor = rows.find((row) => row.getBoundingClientRect().bottom > top);
  return {
    box,
    of: box.dataset['scroll'],
    isAtBottom: isAtBottom(box),
    anchor,
    anchorTop: anchor?.getBoundingClientRect().top ?? 0,
  };
}

/** Lists that are new or show something else start at their end, where the news is. */
export function keepingScroll(change: () => void): void {
  const before = new Map(boxes().map((box) => [box, placeOf(box)]));
  change();
  for (const box of boxes()) {
    const place = before.get(box);
    if (place === undefined || place.of !== box.dataset['scroll'] || place.isAtBottom) {
      box.scrollTop = box.scrollHeight;
    } else if (place.anchor?.isConnected === true) {
      box.scrollTop += place.anchor.getBoundingClientRect().top - place.anchorTop;
    }
  }
}

export function scrollToEnd(name: string): void {
  const box = boxes().find((one) => one.dataset['scroll'] === name);
  if (box !== undefined) box.scrollTop = box.scrollHeight;
}

/** Brings a message into view and lights it up for a moment. */
export function showMessage(ts: string): void {
  const message = document.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  if (message === null) return;
  message.scrollIntoView({ block: 'start' });
  message.classList.remove('is-found');
  requestAnimationFrame(() => message.classList.add('is-found'));
}

/** Lists that were at their end stay there when the window changes, as it does under a phone's keyboard. */
export function followWindow(): void {
  let atBottom: readonly HTMLElement[] = [];
  document.addEventListener(
    'scroll',
    () => {
      atBottom = boxes().filter(isAtBottom);
    },
    { capture: true, passive: true },
  );
  window.addEventListener('resize', () => {
    for (const box of atBottom) box.scrollTop = box.scrollHeight;
  });
}
