import { drawingInto } from './draw/patch.ts';
import { followWindow, keepingScroll } from './draw/scroll.ts';
import { wholePage } from './views/whole.ts';
import { actsOf } from './world/acts.ts';
import { readingWorkspace, watchDemo } from './world/following.ts';
import { keeping } from './world/keeping.ts';
import { keepSeen, keptSeen } from './world/memory.ts';
import { nowSeen } from './world/news.ts';
import { firstPage } from './world/page.ts';
import { readRoute } from './world/route.ts';
import { listen } from './world/server.ts';

function start(root: Element): void {
  const draw = drawingInto(root);
  const keeper = keeping(firstPage(readRoute(location.hash), keptSeen()), (page) => {
    keepingScroll(() => draw(wholePage(page, acts)));
    if (document.visibilityState !== 'visible') return;
    const seen = nowSeen(page);
    if (keepSeen(seen)) keeper.change(() => ({ seen }));
  });
  const read = readingWorkspace(keeper, () => acts);
  const acts = actsOf(keeper, read);
  listen({ changed: read, cut: () => keeper.change(() => ({ link: 'lost' })) });
  window.addEventListener('popstate', () => {
    keeper.change(() => ({ route: readRoute(location.hash), isListOpen: false }));
    read();
  });
  followWindow();
  read();
  void watchDemo(keeper);
}

const root = document.querySelector('#page');
if (root !== null) start(root);
