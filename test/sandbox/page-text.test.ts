import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Child } from '../../sandbox/page/draw/element.ts';
import { pieces } from '../../sandbox/page/draw/element.ts';
import { dateInWords } from '../../sandbox/page/text/dates.ts';
import { markdown } from '../../sandbox/page/text/markdown.ts';
import { mentionedIn, mrkdwn } from '../../sandbox/page/text/mrkdwn.ts';

const names = {
  me: 'U0ANNA',
  people: { U0ANNA: 'Anna', U0DORA: 'Dora' },
  channels: { C0HOME: 'incidents' },
  open: () => {},
  now: new Date('2026-11-22T12:00:00'),
};

/** What was drawn, with its elements as tags. */
function written(...children: readonly Child[]): string {
  return pieces(children)
    .map((piece) =>
      typeof piece === 'string'
        ? piece
        : `<${piece.tag}>${written(...piece.children)}</${piece.tag}>`,
    )
    .join('');
}

function drawn(text: string): string {
  return written(mrkdwn(text, names));
}

test('marks count at the edges of words, and nowhere else', () => {
  expect(drawn('*INC-1* of _auth_, ~not~ `code`')).toBe(
    '<strong>INC-1</strong> of <em>auth</em>, <s>not</s> <code>code</code>',
  );
  expect(drawn('2*3*4 snake_case_name a ~ b ~ c')).toBe('2*3*4 snake_case_name a ~ b ~ c');
  expect(drawn('_which mfa_settings?_')).toBe('<em>which mfa_settings?</em>');
  expect(drawn('`*not bold*`')).toBe('<code>*not bold*</code>');
});

test('people, channels and times are named as the reader knows them', () => {
  expect(drawn('*<@U0DORA>* in <#C0HOME> and <#C0HIDDEN>')).toBe(
    '<strong><span>@Dora</span></strong> in <button>#incidents</button> and <span>#a channel you are not in</span>',
  );
  const at = Math.floor(names.now.getTime() / 1000);
  expect(drawn(`<!date^${at}^{date_short_pretty} {time}|spare>`)).toBe('<time>today 12:00</time>');
  expect(drawn(`<!date^${at - 86_400}^{date_short_pretty}|spare>`)).toBe('<time>yesterday</time>');
  expect(dateInWords(Number.NaN, { format: '{time}', spare: 'spare', now: names.now })).toBe(
    'spare',
  );
});

test('a fence holds everything in it, and an open one is only three characters', () => {
  expect(drawn('a\n```\n*x* &lt;y&gt;\n```\nb')).toBe('a<pre>*x* <y></pre>b');
  expect(drawn('a ``` b')).toBe('a ``` b');
});

test('quotes are gathered, and shortcodes that are not known stay', () => {
  expect(drawn('&gt; one\n&gt; two\nthree :tada: :nothing_like_it: 12:30:45')).toBe(
    '<blockquote>one\ntwo</blockquote>three 🎉 :nothing_like_it: 12:30:45',
  );
});

test('only addresses that open something become links', () => {
  expect(drawn('<https://example.com/?a=1&amp;b=2|the page>')).toBe('<a>the page</a>');
  expect(drawn('<javascript:alert(1)|press>')).toBe('press');
});

test('a mention is heard wherever it stands', () => {
  expect(mentionedIn('*<@U0ANNA>* or <@U0DORA>, <!here>')).toEqual([
    'U0ANNA',
    'U0DORA',
    'everybody',
  ]);
});

test('whatever the text, it is drawn, and no letter of it is lost', () => {
  const nasty = fc.array(
    fc.constantFrom(
      '*',
      '_',
      '~',
      '`',
      '```',
      '\n',
      ' ',
      'word',
      '&lt;',
      '&gt; ',
      '<@U0DORA>',
      ':x:',
    ),
  );
  const letters = (text: string): number => text.split('word').length;
  fc.assert(
    fc.property(nasty, (parts) => {
      const text = parts.join('');
      expect(letters(drawn(text))).toBe(letters(text));
      // What stands behind a fence names its language, and is not shown.
      if (/```\s*\S/.test(text)) return;
      expect(letters(written(markdown(text)))).toBe(letters(text));
    }),
  );
});

test('a report in Markdown keeps its shape', () => {
  expect(
    written(
      markdown(
        '# INC-1\n\ntwo\nlines\n\n1. a **b**\n2. `c`\n\n> said\n\n| x | y |\n|---|---|\n| 1 | 2 |\n',
      ),
    ),
  ).toBe(
    '<div><h3>INC-1</h3><p>two\nlines</p><ol><li>a <strong>b</strong></li><li><code>c</code></li></ol>' +
      '<blockquote><p>said</p></blockquote><div><table><thead><tr><th>x</th><th>y</th></tr></thead>' +
      '<tbody><tr><td>1</td><td>2</td></tr></tbody></table></div></div>',
  );
});
