import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, readWords, splitWords, withoutMention } from '../../src/slack/words.ts';

const VERBS = ['start', 'status', 'back-up', 'approve', 'help', 'plan'];

describe('what a person types', () => {
  test('nothing at all asks for the panel', () => {
    expect(readWords('  ', VERBS)).toEqual({ kind: 'bare' });
  });

  test('a verb and the words after it are told apart', () => {
    expect(readWords('start auth logins fail', VERBS)).toEqual({
      kind: 'verb',
      verb: 'start',
      words: ['auth', 'logins', 'fail'],
    });
  });

  test('capitals and hyphens do not matter in a verb', () => {
    for (const said of ['Backup', 'BACK-UP', 'back_up', 'back–up']) {
      expect(readWords(said, VERBS)).toMatchObject({ kind: 'verb', verb: 'back-up' });
    }
  });

  test('quotes of a phone hold words together, and an apostrophe is no quote', () => {
    expect(splitWords('start auth “logins can’t work” to=‘7 or so’')).toEqual([
      'start',
      'auth',
      "logins can't work",
      'to=7 or so',
    ]);
  });

  test('a quote that never ends takes the rest', () => {
    expect(splitWords('note "all is')).toEqual(['note', 'all is']);
  });

  test('what Slack wrote around mentions, channels, links and ampersands is taken off', () => {
    expect(splitWords('page <@U1|ben> <#C1|> <https://x.io/a?b=1|x.io> R&amp;D &lt;b&gt;')).toEqual(
      ['page', '<@U1>', '<#C1>', 'https://x.io/a?b=1', 'R&D', '<b>'],
    );
  });

  test('a pasted command works with its back-ticks and its slash', () => {
    expect(readWords('`/rollback approve`', VERBS)).toEqual({
      kind: 'verb',
      verb: 'approve',
      words: [],
    });
  });

  test('an unknown word suggests the nearest verb', () => {
    expect(readWords('aprove', VERBS)).toMatchObject({ kind: 'unknown', nearest: 'approve' });
    expect(readWords('satrt auth', VERBS)).toMatchObject({ kind: 'unknown', nearest: 'start' });
    expect(readWords('xyzzyplugh', VERBS)).toMatchObject({ kind: 'unknown', nearest: 'help' });
  });

  test('an unknown word cannot ring anybody when it is said back', () => {
    expect(readWords('<!channel> now', VERBS)).toMatchObject({ said: '!channel' });
  });

  test('the mention before the words is left out', () => {
    expect(withoutMention('<@U0BACKOUT> <@U0BACKOUT|backout>: status INC-3')).toBe('status INC-3');
  });
});

describe('any text', () => {
  test('is read without an error, and no word is empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const said = readWords(text, VERBS);
        expect(['bare', 'verb', 'unknown']).toContain(said.kind);
        expect(splitWords(text).every((word) => word !== '')).toBe(true);
      }),
    );
  });

  test('is as far from another text as that one is from it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, a)).toBe(0);
      }),
    );
  });
});
