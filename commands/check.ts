import { z } from 'zod';
import type { AskedInside, Choice, Decided, FormHelp } from '../src/define-command.ts';
import { answered, decided, defineCommand, fields } from '../src/define-command.ts';
import type { ItemState } from '../src/incident/checklist/checklist.ts';
import {
  checklistOf,
  isForPeople,
  mayBeAnswered,
  openForPeople,
} from '../src/incident/checklist/checklist.ts';
import { event } from '../src/incident/events.ts';
import { ItemId } from '../src/incident/facts/evidence.ts';
import type { Refusal } from '../src/incident/refusal.ts';
import { refuse } from '../src/incident/refusal.ts';
import { asIs, mention } from '../src/incident/text.ts';
import { nameMeant, optionalText } from '../src/incident/words.ts';

const Answer = z.enum(['done', 'not-applicable', 'open']);

const Input = z.object({
  item: ItemId.register(fields, { label: 'Which item?', look: 'choice' }),
  answer: Answer.register(fields, { label: 'What is so?', look: 'choice' }),
  note: optionalText(2000).register(fields, { label: 'What you found', look: 'text' }),
});
type Heard = AskedInside<z.infer<typeof Input>>;

const NOT_APPLICABLE = ['na', 'n/a'] as const;

const SAID = {
  done: 'is answered',
  'not-applicable': 'does not apply',
  open: 'is open again',
} as const;

export const check = defineCommand({
  verb: 'check',
  usage: '<item> [done|na|open] [note]',
  help: 'Answers an item of the checklist that only a person can answer.',
  kind: 'decides',
  who: 'team',
  about: 'any-incident',
  input: Input,
  words: ([item, word, ...rest], said) => {
    if (item === undefined) return {};
    const isItem = ItemId.safeParse(item).success;
    if (!isItem) return { unexpected: item };
    if (word === undefined) return { item };
    // A note without its answer could say the opposite of `done`.
    const answer = answerMeant(word);
    if (answer === undefined) return { unexpected: [word, ...rest].join(' ') };
    return { item, answer, note: said[2]?.onward };
  },
  form: { title: 'Answer an item', submit: 'Answer', help: formHelp },
  decide: (asked) => {
    const { incident, target, input } = asked;
    const found = checklistOf(incident, target)
      .flatMap((one) => one.items)
      .find(({ item }) => item.id === input.item);
    if (found === undefined) return refuse('unknown-item', { item: input.item }, 'item');
    if (!mayBeAnswered(incident, found)) {
      return refuse('closed', { incident: incident.id, target: incident.target });
    }
    return notForPeople(found, input.answer) ?? answerIt(asked, found);
  },
});

function answerMeant(word: string): z.infer<typeof Answer> | undefined {
  return nameMeant(word, NOT_APPLICABLE) === undefined
    ? nameMeant(word, Answer.options)
    : 'not-applicable';
}

function notForPeople({ item, standing, ask }: ItemState, answer: string): Refusal | null {
  if (ask === null) {
    const states = {
      proven: 'it is proven',
      refuted: 'it was found not to be so',
      answered: 'it is answered',
      'does-not-apply': 'it does not apply',
      preview: 'it is a preview, and nobody has to answer it',
      open: 'it is open until then',
    } as const;
    return refuse('proven-item', { item: item.id, state: states[standing.state] }, 'item');
  }
  if (answer !== 'not-applicable' || item.mayNotApply) return null;
  return refuse('always-applies', { item: item.id, ask }, 'answer');
}

function answerIt({ incident, input }: Heard, { item, standing }: ItemState): Decided {
  const { answer, note } = input;
  const before = incident.answers[item.id];
  if (answer === 'open' && before === undefined) {
    return answered(
      standing.state === 'answered'
        ? `${item.id} is answered by what was said at the start; \`/rollback edit\` changes that.`
        : `${item.id} is open already: ${item.words}.`,
    );
  }
  if (before?.answer === answer && (note === undefined || note === before.note)) {
    return answered(
      standing.state === 'refuted'
        ? `${mention(before.by)} said so already. ${stays(item)}`
        : `${item.id} ${SAID[answer]} already, as ${mention(before.by)} said.`,
    );
  }
  const said = note === undefined ? '' : ` ${asIs(note)}`;
  return decided(
    [event('item-answered', { item: item.id, answer, ...(note === undefined ? {} : { note }) })],
    standing.state === 'refuted'
      ? `${answer === 'open' ? 'Your word is taken back.' : 'Your word stands beside what was found.'} ${stays(item)}${said}`
      : `${item.id} ${SAID[answer]}: ${item.words}.${said}`,
  );
}

/** What was found not to be so is only undone by finding it so. */
function stays({ id, words }: ItemState['item']): string {
  return `${id} stays ✗: ${words}.`;
}

const Named = z.object({ item: ItemId });

/** What a button names is asked alone; words alone leave the choice. */
function formHelp({ incident, target, input }: AskedInside<unknown>): FormHelp {
  const all = checklistOf(incident, target)
    .flatMap((one) => one.items)
    .filter((one) => isForPeople(one) && mayBeAnswered(incident, one));
  const open = openForPeople(incident, target, 'close').filter((one) =>
    all.some(({ item }) => item === one.item),
  );
  const named = Named.safeParse(input).data?.item;
  const meant = all.find(({ item }) => item.id === named);
  const offered = [...open, ...all.filter((one) => !open.some(({ item }) => item === one.item))];
  const preset = meant ?? offered[0];
  return {
    ...(meant === undefined ? {} : { intro: introOf(meant) }),
    choices: {
      item: offered.map(choiceOf),
      answer: [
        { value: 'done', label: 'It is done' },
        { value: 'not-applicable', label: 'It does not apply' },
        { value: 'open', label: 'It is open again' },
      ],
    },
    presets: {
      ...(preset === undefined ? {} : { item: preset.item.id }),
      answer: 'done',
    },
  };
}

/** What is read helps most; an item that a job would have proven says why it is asked. */
function choiceOf({ item, ask, facts: [fact] }: ItemState): Choice {
  const about = item.closedBy.kind === 'proof' ? (ask ?? undefined) : fact;
  return {
    value: item.id,
    label: `${item.id} ${item.words}`,
    ...(about === undefined ? {} : { about }),
  };
}

function introOf({ item, ask, facts }: ItemState): string {
  return [`*${item.id}* ${item.words}`, ask ?? '', ...facts]
    .filter((line) => line !== '')
    .join('\n');
}
