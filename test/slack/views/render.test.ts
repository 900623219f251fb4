import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fenced, fitting, quotedText, rendered } from '../../../src/slack/views/render.ts';
import { nastyText } from '../../support/any-event.ts';

const people = {
  anna: { name: 'Anna <3', slack: ['U0ANNA', 'U1ANNA'] },
  pat: { name: 'Pat', slack: [] },
};

test('a person is a mention where it may ring and a name where it must not', () => {
  expect(rendered('Ask {person:anna}.', people)).toBe('Ask <@U0ANNA>.');
  expect(rendered('Ask {person:anna}.', people, 'name')).toBe('Ask Anna &lt;3.');
});

test('somebody without an account here is called by name, a stranger by their account', () => {
  expect(rendered('{person:pat} {person:slack:U0NEW} {person:gone}', people)).toBe(
    'Pat <@U0NEW> gone',
  );
});

test('a time is drawn in the reader’s own zone, with the instant to fall back on', () => {
  expect(rendered('at {time:2026-11-22T03:00:00Z}', people)).toBe(
    'at <!date^1795316400^{date_short_pretty} {time}|2026-11-22T03:00:00.000Z>',
  );
});

test('a table called <!channel> does not ring', () => {
  expect(rendered('table `<!channel>`', people)).toBe('table `&lt;!channel&gt;`');
});

test('a tool that prints our own token mentions nobody', () => {
  expect(quotedText('{person:anna}')).not.toContain('<@');
});

test('output cannot leave its fence, and its end is what is kept', () => {
  const drawn = fenced(`${'early\n'.repeat(900)}\`\`\` the error`, 200);

  expect(drawn.length).toBeLessThanOrEqual(200);
  expect(drawn.match(/```/g)).toHaveLength(2);
  expect(drawn).toContain("''' the error");
});

test('a time at the very end of what fits is whole or not there', () => {
  const time = rendered('{time:2026-11-22T03:00:00Z}', people);
  for (let max = 20; max < 120; max += 1) {
    const cut = fitting(`ended ${time}abcdefgh${'x'.repeat(60)}`, max);
    expect(cut.includes('<'), String(max)).toBe(cut.includes('>'));
  }
});

test('whatever is cut fits, and nothing in it is torn', () => {
  fc.assert(
    fc.property(nastyText, fc.integer({ min: 20, max: 120 }), (text, max) => {
      const cut = fitting(
        rendered(`{person:anna} ${text} {time:2026-11-22T03:00:00Z}`, people),
        max,
      );

      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut.match(/</g)?.length ?? 0).toBe(cut.match(/>/g)?.length ?? 0);
      expect(cut).not.toMatch(/&(?!amp;|lt;|gt;)/);
    }),
  );
});
