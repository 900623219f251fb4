import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, readMentioned, readWords, splitWords } from '../../src/slack/words.ts';

const VERBS = ['start', 'status', 'back-up', 'approve', 'help', 'plan', 'note'];

function textsOf(text: string): readonly string[] {
  return splitWords(text).map((one) => one.text);
}

describe('what a person types', () => {
  test('nothing at all asks for the panel', () => {
    expect(readWords('  ', VERBS)).toEqual({ kind: 'bare' });
  });

  test('a verb and the words after it are told apart', () => {
    expect(readWords('start auth logins fail', VERBS)).toMatchObject({
      kind: 'verb',
      verb: 'start',
      words: [{ text: 'auth' }, { text: 'logins' }, { text: 'fail' }],
    });
  });

  test('capitals, hyphens and a full stop do not matter in a verb', () => {
    for (const said of [
      'Backup',
      'BACK-UP',
      'back_up',
      'back–up',
      'Backup.',
      '/Rollback backup!',
    ]) {
      expect(readWords(said, VERBS)).toMatchObject({ kind: 'verb', verb: 'back-up' });
    }
  });

  test('quotes of a phone hold words together, and an apostrophe is no quote', () => {
    expect(textsOf('start auth “logins can’t work” to=‘7 or so’')).toEqual([
      'start',
      'auth',
      "logins can't work",
      'to=7 or so',
    ]);
  });

  test('a quote that never ends takes the rest', () => {
    expect(textsOf('note "all is')).toEqual(['note', 'all is']);
  });

  test('what Slack wrote around mentions, channels, links and ampersands is taken off', () => {
    expect(textsOf('page <@U1|ben> <#C1|> <https://x.io/a?b=1|x.io> R&amp;D &lt;b&gt;')).toEqual([
      'page',
      '<@U1>',
      '<#C1>',
      'https://x.io/a?b=1',
      'R&D',
      '<b>',
    ]);
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

  test('what people have to say stays as they typed it, also behind a name in quotes', () => {
    const error = 'column "name" of `users`\n  does not exist: “x” &lt; \'y\' &amp;&amp; z';
    const [, target, from] = splitWords(`start "auth" ${error}`);
    expect(target).toMatchObject({ text: 'auth' });
    expect(from?.onward).toBe('column "name" of `users`\n  does not exist: “x” < \'y\' && z');
    expect(splitWords('note "" is no `name`')[1]?.onward).toBe('"" is no `name`');
    expect(splitWords('`/rollback note all is well`')[2]?.onward).toBe('all is well');
  });

  test('a sentence loses the quotes around the whole of it, and no others', () => {
    const onward = (text: string): string | undefined =>
      splitWords(`start auth ${text}`)[2]?.onward;
    expect(onward('"Logins fail since 02:40"')).toBe('Logins fail since 02:40');
    expect(onward("“Logins can’t work: `name` is 'gone'”")).toBe(
      "Logins can’t work: `name` is 'gone'",
    );
    for (const kept of [
      'fails with: column "name" does not exist',
      '"name" is the column "id"',
      '"name" does not exist',
      '"all is',
      "'name' can't be read'",
      '" "',
    ]) {
      expect(onward(kept), kept).toBe(kept);
    }
  });

  test('a value keeps what was typed between its quotes', () => {
    expect(splitWords('edit impact="the `name`  of “all”"')[1]).toMatchObject({
      text: 'impact=the name  of "all"',
      typed: 'impact=the `name`  of “all”',
    });
  });
});

describe('what is said to us among other people', () => {
  const heard = (text: string, us: string | undefined = 'U0BACKOUT'): unknown =>
    readMentioned(text, { verbs: VERBS, us });
  const status = { kind: 'verb', verb: 'status' };

  test('is understood behind our name, wherever that stands', () => {
    for (const text of [
      '<@U0BACKOUT> <@U0BACKOUT|backout>: status',
      'hey <@U0BACKOUT> status',
      'thanks <@U1>, and now: <@U0BACKOUT> Status.',
      'status <@U0BACKOUT>',
      'Status, <@U0BACKOUT>!',
    ]) {
      expect(heard(text), text).toMatchObject(status);
    }
    expect(heard('hey <@U1> status', undefined)).toMatchObject(status);
    expect(heard('<@U0BACKOUT>')).toEqual({ kind: 'bare' });
  });

  test('keeps the words after it', () => {
    const said = readMentioned('note ask <@U1>: is “x” new? <@U0BACKOUT>', {
      verbs: VERBS,
      us: 'U0BACKOUT',
    });
    expect(said.kind === 'verb' && said.words[0]?.onward).toBe('ask <@U1>: is “x” new?');
  });

  test('is not what is said to somebody else', () => {
    expect(heard('<@U1> approve <@U0BACKOUT>')).toMatchObject({ kind: 'unknown' });
    expect(heard('hey <@U0BACKOUT> staus')).toMatchObject({ kind: 'unknown', nearest: 'status' });
  });
});

describe('any text', () => {
  test('is read without an error, and no word is empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const said = readWords(text, VERBS);
        expect(['bare', 'verb', 'unknown']).toContain(said.kind);
        expect(splitWords(text).every((word) => word.text !== '' && word.onward !== '')).toBe(true);
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
