import type { Keeper, Page } from './page.ts';

/** Keeps the page, and draws it once for all changes of a moment. */
export function keeping(first: Page, draw: (page: Page) => void): Keeper {
  let page = first;
  let isDue = false;
  return {
    page: () => page,
    change(by) {
      page = { ...page, ...by(page) };
      if (isDue) return;
      isDue = true;
      requestAnimationFrame(() => {
        isDue = false;
        draw(page);
      });
    },
  };
}
