import { z } from 'zod';
import { answered, defineCommand } from '../src/define-command.ts';
import { openList } from './status.ts';

/** What is shown to whoever types the command and nothing else. */
export const panel = defineCommand({
  verb: 'panel',
  usage: '',
  help: 'Shows what is open and what can be done.',
  hidden: true,
  kind: 'answers',
  about: 'maybe-incident',
  input: z.object({}),
  answer: (asked) => answered(openList(asked), 'panel'),
});
