import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { Export } from '../../src/incident/facts/backup.ts';
import { exportsNamed } from '../../src/incident/facts/exports.ts';
import { REFUSALS } from '../../src/incident/refusal.ts';
import type { Heard } from '../support/conversation.ts';
import { aConversation, planned } from '../support/conversation.ts';

const verbs = fc.constantFrom(...commands.map((one) => one.verb));
const TRAPS =
  'to= to=7 nothing=1,,2 role= again all-done done 1.1 99.99 constructor __proto__ toString=1 query= as " INC-1 dba same'.split(
    ' ',
  );
const tails = fc.array(
  fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.constantFrom(...TRAPS),
  ),
  { maxLength: 6 },
);

function isAnswered(heard: Heard): boolean {
  switch (heard.kind) {
    case 'decision':
    case 'answer':
      return heard.reply.text.length > 0;
    case 'refusal':
      return heard.code in REFUSALS && heard.say.length > 0 && heard.next.length > 0;
    case 'needs-form':
      return true;
    case 'unreadable':
      return Object.keys(heard.problems).length > 0;
  }
}

test('any text after any verb is understood or answered with the usage', () => {
  fc.assert(
    fc.property(verbs, tails, fc.boolean(), (verb, tail, isOpen) => {
      const talk = isOpen ? planned() : aConversation();
      expect(isAnswered(talk.type('anna', [verb, ...tail].join(' ')))).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test('any input from a button is understood or named', () => {
  fc.assert(
    fc.property(verbs, fc.dictionary(fc.string(), fc.jsonValue()), (verb, input) => {
      expect(isAnswered(planned().say('anna', verb, input))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('no refusal leaves a blank to be filled in', () => {
  fc.assert(
    fc.property(verbs, tails, (verb, tail) => {
      const heard = planned().type('eve', [verb, ...tail].join(' '));
      if (heard.kind !== 'refusal') return;
      const said = [...tail, ''].join(' ');
      const blanks = `${heard.say} ${heard.next}`.match(/\{[a-zA-Z]+\}/g) ?? [];
      expect(blanks.filter((one) => !said.includes(one))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('whatever is named to be saved has a file name, each another, and the rest is told', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 20 })), (words) => {
      const { exports, left } = exportsNamed(words);
      const names = exports.map((one) => one.name);
      expect(new Set(names).size).toBe(names.length);
      expect(exports.every((one) => Export.safeParse(one).success)).toBe(true);
      if (exports.length === 0) expect(left.join(' ')).toBe(words.join(' '));
    }),
  );
});
