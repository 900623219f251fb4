import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commands } from '../../../commands/index.ts';
import type { Command, FormHelp } from '../../../src/define-command.ts';
import { fields } from '../../../src/define-command.ts';
import { errorsOf, formView, readForm, SentView } from '../../../src/slack/talk/forms.ts';
import { decodeJson } from '../../../sandbox/slack/json.ts';
import { readView } from '../../../sandbox/slack/views.ts';
import { newWorkspace } from '../../../sandbox/slack/workspace.ts';
import { aWorkspace, PEOPLE } from '../support/office.ts';

const workspace = newWorkspace(aWorkspace());

/** As Slack takes it; throws with Slack's complaint. */
function taken(view: unknown): Record<string, unknown> {
  const read = readView(workspace, decodeJson(JSON.stringify(view)));
  if (!read.ok) throw new Error(JSON.stringify(read.answer));
  return read.found;
}

function aVerb(input: z.ZodObject): Command {
  const [any] = commands;
  if (any === undefined) throw new Error('there are no verbs');
  return { ...any, verb: 'try', input, form: { title: 'Try it', submit: 'Go', help: () => ({}) } };
}

function drawn(command: Command, help: FormHelp, input: Record<string, unknown> = {}): unknown {
  return formView({ command, help, people: PEOPLE, carried: { verb: command.verb, input } });
}

/** What Slack sends back of a form when each field holds this. */
function sent(view: unknown, values: SentView['state']): SentView {
  const metadata = z.object({ private_metadata: z.string() }).parse(view).private_metadata;
  return { id: 'V1', private_metadata: metadata, state: values, blocks: [] };
}

const options = (count: number): NonNullable<FormHelp['choices']> => ({
  items: Array.from({ length: count }, (_one, at) => ({ value: `v${at}`, label: `Item ${at}` })),
});
const Many = z.object({
  items: z.array(z.string()).register(fields, { label: 'Which?', look: 'many' }),
});

describe('a form', () => {
  test.each(commands.filter((one) => one.form !== undefined))(
    'of $verb is one that Slack takes',
    (command) => {
      expect(() => taken(drawn(command, { intro: 'What is so.' }))).not.toThrow();
    },
  );

  test('with long titles, labels, choices and words is cut to what Slack takes', () => {
    const long = 'very '.repeat(1_000);
    const Input = z.object({
      text: z
        .string()
        .max(9_000)
        .register(fields, { label: long, hint: long, placeholder: long, look: 'text' }),
      one: z.string().register(fields, { label: 'One', look: 'choice' }),
    });
    const command = aVerb(Input);
    const help = {
      intro: long,
      choices: {
        one: [
          { value: 'a', label: long, about: long },
          { value: 'b', label: 'short' },
        ],
      },
      presets: { text: long.repeat(2), one: 'a' },
    };
    const titled = { ...command, form: { title: long, submit: long, help: () => ({}) } };
    expect(() => taken(drawn(titled, help))).not.toThrow();
  });

  test.each([1, 10, 11, 30, 31, 100, 240])('with %i boxes is one that Slack takes', (count) => {
    const view = taken(drawn(aVerb(Many), { choices: options(count), presets: { items: ['v0'] } }));
    const text = JSON.stringify(view);
    expect(text).toContain('"v0"');
    expect(text.includes('140 more do not fit here')).toBe(count === 240);
  });

  test('of which too much has been said already is not made at all', () => {
    expect(drawn(aVerb(Many), { choices: options(2) }, { other: 'x'.repeat(3_000) })).toBeNull();
  });

  test('gives back what was put in, with what it carried unseen', () => {
    const Input = z.object({
      hash: z.string().register(fields, { label: 'Plan', look: 'hidden' }),
      why: z.string().optional().register(fields, { label: 'Why?', look: 'text' }),
      items: z.array(z.string()).register(fields, { label: 'Which?', look: 'many' }),
    });
    const view = drawn(
      aVerb(Input),
      { choices: options(12), presets: { hash: 'abc' } },
      { why: 'typed before' },
    );
    expect(JSON.stringify(view)).toContain('"initial_value":"typed before"');
    const values = {
      why: { 'try:why': { value: null } },
      items: { 'try:items': { selected_options: [{ value: 'v1' }] } },
      'items~2': { 'try:items': { selected_options: [{ value: 'v11' }] } },
    };
    // Emptied, not forgotten: what was typed before is gone with it.
    expect(readForm(sent(view, { values }))?.input).toEqual({ hash: 'abc', items: ['v1', 'v11'] });
  });

  test('brings any text back as it was put in', () => {
    const Input = z.object({ why: z.string().register(fields, { label: 'Why?', look: 'text' }) });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        const view = drawn(aVerb(Input), {});
        const read = readForm(sent(view, { values: { why: { 'try:why': { value } } } }));
        expect(read?.input).toEqual({ why: value });
      }),
    );
  });
});

describe('what is wrong with a form', () => {
  const view = SentView.parse({
    id: 'V1',
    private_metadata: '',
    blocks: [
      { type: 'section', block_id: 'intro' },
      { type: 'input', block_id: 'first' },
      { type: 'input', block_id: 'items~2' },
    ],
  });

  test('stands under its field, and under the first one when it has none', () => {
    expect(errorsOf(view, { 'items.0': 'No.', other: 'Nor this.', '': 'Nor that.' })).toEqual({
      'items~2': 'No.',
      first: 'Nor this. Nor that.',
    });
  });

  test('has no place where there is no field', () => {
    expect(errorsOf({ ...view, blocks: [] }, { '': 'No.' })).toBeNull();
  });
});
