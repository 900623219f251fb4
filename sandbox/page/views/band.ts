/** The state of the demo, at the top: is it broken, who was called, what can be tried. */
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { clock } from '../text/dates.ts';
import type { Acts } from '../world/acts.ts';
import type { Demo, DemoPage } from '../world/demo.ts';
import type { Page } from '../world/page.ts';

const STATE_LENGTH_MAX = 20;

/** What comes first in what a service says, where it is short; the whole of it is in the title. */
function stateInWords(healthy: boolean, says: string): string {
  const [first = ''] = says.split(',');
  if (first !== '' && first.length <= STATE_LENGTH_MAX) return first;
  return healthy ? 'healthy' : 'failing';
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function services({ services: given }: Demo): Child {
  return given.map(({ name, healthy, says }) =>
    h(
      'li',
      { key: name, class: healthy ? 'service is-well' : 'service is-ill', title: says },
      h('span', { class: 'lamp', 'aria-hidden': 'true' }),
      h('span', { class: 'service-name' }, name),
      ' ',
      h('span', { class: 'service-state' }, stateInWords(healthy, says)),
    ),
  );
}

const WIDTH = 72;
const HEIGHT = 20;

function curve(rates: readonly number[]): Child {
  if (rates.length < 2) return null;
  const step = WIDTH / (rates.length - 1);
  const points = rates.map(
    (rate, at) => `${(at * step).toFixed(1)},${(HEIGHT - 1 - rate * (HEIGHT - 2)).toFixed(1)}`,
  );
  return h(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'curve', 'aria-hidden': 'true' },
    h('polyline', { points: points.join(' ') }),
  );
}

function traffic({ successRate }: Demo, rates: readonly number[]): Child {
  if (successRate === null) return null;
  const look = successRate > 0.99 ? 'is-well' : 'is-ill';
  // Rounded down: what is not quite everything is never said to be 100 %.
  return h(
    'li',
    {
      key: 'traffic',
      class: `traffic ${look}`,
      title: 'Requests of the live traffic that succeed',
    },
    h('strong', {}, `${Math.floor(successRate * 100)} %`),
    ' ',
    h('span', { class: 'service-state' }, 'of requests succeed'),
    curve(rates),
  );
}

function schema({ version, isDirty }: Demo): Child {
  if (version === '') return null;
  return h(
    'li',
    {
      key: 'schema',
      class: isDirty ? 'schema is-ill' : 'schema',
      title: 'The version of the database’s schema',
    },
    `schema ${version}${isDirty ? ', dirty' : ''}`,
  );
}

function call({ id, who, at, isAnswered }: DemoPage, acts: Acts): Drawn {
  const when = at === '' ? '' : ` ${clock(new Date(at))}`;
  return h(
    'li',
    { key: `call ${id}`, class: isAnswered ? 'call' : 'call is-ringing' },
    h(
      'span',
      {},
      capital(isAnswered ? `${who} answered the pager` : `${who}’s pager rings${when}`),
    ),
    !isAnswered &&
      h(
        'button',
        { class: 'button is-primary', type: 'button', onclick: () => acts.answerPager(id) },
        'Answer',
      ),
  );
}

/** Whoever is ringing, else whoever answered last. */
function calls({ pages }: Demo, acts: Acts): Child {
  const ringing = pages.filter((one) => !one.isAnswered);
  const last = pages.at(-1);
  const shown = ringing.length > 0 ? ringing.slice(-2) : last === undefined ? [] : [last];
  return shown.map((one) => call(one, acts));
}

/** Said in words: a hint that only shows under a pointer is never seen on a phone. */
function whyNotBreak({ canBreak }: Demo, isPlaying: boolean): Child {
  if (canBreak) return null;
  const when = isPlaying ? 'once the story is over' : 'once the incident is closed';
  return h('p', { class: 'why-not', key: 'why-not' }, `Break it again: ${when}.`);
}

function controls({ demo, demoAsked }: Page, acts: Acts): Child {
  if (demo === null) return null;
  const isPlaying = demo.story === 'playing' || demoAsked === 'watch';
  const isBreaking = demoAsked === 'break';
  return h(
    'div',
    { class: 'demo-buttons' },
    h(
      'button',
      {
        class: `button ${demo.story === 'idle' && demo.canBreak ? 'is-primary' : 'is-plain'}`,
        type: 'button',
        disabled: isPlaying || isBreaking,
        onclick: () => acts.demo('watch'),
      },
      isPlaying ? 'Being done…' : 'Watch it being done',
    ),
    h(
      'button',
      {
        class: `button ${demo.canBreak && demo.story !== 'idle' ? 'is-primary' : 'is-plain'}`,
        type: 'button',
        disabled: !demo.canBreak || isBreaking || isPlaying,
        title: 'A fresh broken database',
        onclick: () => acts.demo('break'),
      },
      isBreaking ? 'Breaking…' : 'Break it again',
    ),
    whyNotBreak(demo, isPlaying),
  );
}

export function band(page: Page, acts: Acts): Child {
  const { demo } = page;
  if (demo === null) return null;
  return h(
    'section',
    { class: 'band', key: 'band', 'aria-label': 'The demo' },
    h(
      'div',
      { class: 'band-state' },
      h(
        'div',
        { class: 'band-row' },
        h('ul', { class: 'lamps' }, services(demo), traffic(demo, page.rates), schema(demo)),
        h('ul', { class: 'lamps calls', 'aria-label': 'Pager' }, calls(demo, acts)),
      ),
      h('p', { class: 'said', role: 'status' }, demo.said),
    ),
    controls(page, acts),
  );
}
