import { z } from 'zod';
import { decided, defineCommand, fields } from '../src/define-command.ts';
import { event } from '../src/incident/events.ts';
import { neededText } from '../src/incident/words.ts';

export const note = defineCommand({
  verb: 'note',
  usage: '<text>',
  help: 'Writes a line into the history of the incident.',
  kind: 'decides',
  who: 'member',
  about: 'open-incident',
  input: z.object({
    text: neededText(2000).register(fields, { label: 'What should be remembered?', look: 'text' }),
  }),
  words: (_words, said) => ({ text: said[0]?.onward }),
  form: { title: 'Write a note', submit: 'Write', help: () => ({}) },
  decide: ({ input, incident }) =>
    decided([event('note-added', { text: input.text })], `Noted in ${incident.id}.`),
});
