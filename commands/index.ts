import type { Command } from '../src/define-command.ts';
import { preventionText, scenariosText } from '../src/incident/checklist/scenarios.ts';
import { abort } from './abort.ts';
import { approve } from './approve.ts';
import { backUp } from './back-up.ts';
import { check } from './check.ts';
import { close } from './close.ts';
import { contacts } from './contacts.ts';
import { decline } from './decline.ts';
import { edit } from './edit.ts';
import { helpOn } from './help.ts';
import { history } from './history.ts';
import { note } from './note.ts';
import { page } from './page.ts';
import { panel } from './panel.ts';
import { plan } from './plan.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { start } from './start.ts';
import { status } from './status.ts';

const help = helpOn({
  commands: () => commands,
  topics: [
    {
      topic: 'scenarios',
      about: 'the four common rollbacks, and which are safe',
      text: scenariosText(),
    },
    { topic: 'prevention', about: 'what makes the next one easier', text: preventionText() },
  ],
});

/** Every verb of `/rollback`. Help, routing, buttons and forms are read from here. */
export const commands: readonly Command[] = [
  start,
  status,
  check,
  edit,
  backUp,
  plan,
  approve,
  decline,
  run,
  abort,
  resume,
  page,
  note,
  contacts,
  history,
  close,
  help,
  panel,
];
