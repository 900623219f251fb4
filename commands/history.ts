import { z } from 'zod';
import { answered, defineCommand } from '../src/define-command.ts';
import { counted, moment } from '../src/incident/text.ts';
import { timelineOf } from '../src/incident/history/timeline.ts';

/** More than this is not read on a phone; the report has it all. */
const LINES_MAX = 40;

export const history = defineCommand({
  verb: 'history',
  usage: '[INC-n]',
  help: 'Tells what happened, when and by whom.',
  kind: 'answers',
  about: 'any-incident',
  input: z.object({}),
  answer: ({ incident, history: events }) => {
    const entries = timelineOf(events);
    const shown = entries.slice(-LINES_MAX);
    const earlier = entries.length - shown.length;
    return answered(
      [
        `What happened in ${incident.id}:`,
        ...(earlier === 0 ? [] : [`… ${counted(earlier, 'earlier line')}`]),
        ...shown.map((one) => `${moment(one.at)} ${one.who}: ${one.what}`),
      ].join('\n'),
    );
  },
});
