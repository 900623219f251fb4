/** Every "no" that a person can meet: what is so, and what to type next. */

interface RefusalText {
  readonly say: string;
  /** The next thing to do or to type. A refusal without one does not compile. */
  readonly next: string;
}

/** `{name}` is filled in from the refusal's facts. */
export const REFUSALS = {
  'no-incident': {
    say: 'There is no open incident here.',
    next: '`/rollback start` opens one; `/rollback status` lists those that are open.',
  },
  'which-incident': {
    say: 'More than one incident is open: {incidents}.',
    next: 'Say which: `/rollback {verb} {first}`, or say it in its channel.',
  },
  'unknown-incident': {
    say: 'There is no incident {incident}.',
    next: '`/rollback status` lists those that are open.',
  },
  'unknown-target': {
    say: 'There is no target called {target}. Known: {targets}.',
    next: '`/rollback start {first}`',
  },
  'unknown-verb': {
    say: '`{said}` is not a word that I know.',
    next: 'Did you mean `/rollback {nearest}`? `/rollback help` lists all.',
  },
  'bad-input': {
    say: '{problem}',
    next: '`/rollback {usage}`',
  },
  closed: {
    say: '{incident} is closed.',
    next: '`/rollback start {target}` opens a new one; `/rollback history {incident}` tells what happened.',
  },
  'not-a-member': {
    say: 'Only full members of this workspace can do this; {standing}.',
    next: 'Ask {people} to do it.',
  },
  'account-unseen': {
    say: 'Slack refuses to tell me what your account is (`{error}`), so you cannot decide here.',
    next: '{fix} Until then: `npm run backout -- {verb}` in a terminal.',
  },
  'not-in-role': {
    say: 'This needs the {role} of {target}, and you are not listed as one.',
    next: 'Ask {people}.',
  },
  'nobody-in-role': {
    say: 'Nobody is listed as {role} of {target}, so nobody can do this.',
    next: 'Add people to `roles` in backout.yaml and restart.',
  },
  'not-allowed': {
    say: 'This is for the people of {target} ({people}) or for whoever opened the incident.',
    next: 'Ask one of them.',
  },
  private: {
    say: '{what}',
    next: 'If you are in its channel, say it there; else whoever is in it can let you in.',
  },
  'no-plan': {
    say: 'There is no plan yet: {why}',
    next: '`/rollback plan` tells how far it is.',
  },
  'plan-changed': {
    say: 'The plan changed after you saw it ({was} → {now}).',
    next: 'Read the new one with `/rollback plan`, then approve that.',
  },
  'already-approved': {
    say: 'You have approved this plan already, as {role}.',
    next: 'It now waits for {waitsFor}.',
  },
  'second-key': {
    say: 'You hold one of the two keys already, as {mine}; the other must be turned by somebody else.',
    next: 'Ask {people}. Or take the other one yourself and leave yours to somebody else: `/rollback approve role={role}`.',
  },
  'key-taken': {
    say: '{who} has approved this plan as {role} already.',
    next: 'It now waits for {waitsFor}.',
  },
  'key-taken-or-move': {
    say: '{who} has approved this plan as {role} already.',
    next: 'It now waits for {waitsFor}. Or {who} types `/rollback approve role={free}` and leaves that key to you.',
  },
  declined: {
    say: '{who} declined this plan: {why}',
    next: 'Only {who} can take that back, with `/rollback approve`. `/rollback back-up` and `/rollback plan to=…` make another plan.',
  },
  'open-items': {
    say: 'These items are still open: {items}.',
    next: 'Press Approve again and answer them in the form.',
  },
  running: {
    say: 'The rollback is running: {step}.',
    next: '`/rollback status` follows it; `/rollback abort` stops it.',
  },
  'already-done': {
    say: 'The rollback is done.',
    next: '`/rollback close` ends the incident.',
  },
  'needs-a-person': {
    say: 'The run has stopped: {why}',
    next: '`/rollback resume` brings the services back; `/rollback status` tells what is true now.',
  },
  'database-busy': {
    say: 'The same database is being changed by {incident} ({target}) at this moment. No service of {own} was stopped.',
    next: '`/rollback status {incident}` follows it. Then look again: `/rollback plan again`.',
  },
  'not-approved': {
    say: 'This plan is not approved: {missing} is missing.',
    next: 'Ask {people} to press Approve.',
  },
  'approval-expired': {
    say: 'The approval has expired.',
    next: 'Both approve again: `/rollback approve`.',
  },
  'nothing-to-abort': {
    say: 'Nothing is running that could be aborted.',
    next: '`/rollback close` ends the incident.',
  },
  'already-aborted': {
    say: 'It has been aborted already.',
    next: '`/rollback status` follows it until everything is put back.',
  },
  'past-the-point': {
    say: 'The database is rolled back already; aborting would undo nothing.',
    next: '`/rollback resume` brings the services back.',
  },
  'nothing-to-resume': {
    say: 'No service of {target} was stopped by this incident.',
    next: '`/rollback status` tells what is true now.',
  },
  'services-back': {
    say: 'The services of {target} are back already, in the {version}.',
    next: '`/rollback status` tells what is true now.',
  },
  'resume-under-way': {
    say: 'The services are being brought back already.',
    next: '`/rollback status` follows it.',
  },
  'wait-for-down': {
    say: 'The database is being changed at this moment; services must not start in the middle of it.',
    next: 'Wait for it, or `/rollback abort`.',
  },
  'too-late-to-change': {
    say: 'The rollback has begun; the plan stands.',
    next: '`/rollback status` tells where it is.',
  },
  'unknown-version': {
    say: 'There is no migration {version} in the folder. Known: {versions}.',
    next: '`/rollback plan to=<version>` with one of them, or `/rollback plan to=none`.',
  },
  'not-its-version': {
    say: '{version} is none of the last versions of {target}.',
    next: 'Choose one of its own, or the newest one; `/rollback edit suspected=<version>` changes it afterwards.',
  },
  'not-down': {
    say: 'The database is at version {from}; {to} is not below it.',
    next: '`/rollback plan to=<version>` with a lower version.',
  },
  'down-file-there': {
    say: 'Version {version} has a down file that does something, so it will be run.',
    next: '`nothing=` is for versions whose down file is missing or empty; `/rollback plan` shows what each file does.',
  },
  'nothing-undone': {
    say: 'Version {version} is not undone by this plan.',
    next: '`/rollback plan` lists the versions that are.',
  },
  'unknown-item': {
    say: 'There is no item {item} in the checklist.',
    next: '`/rollback check 1.1 done` answers the first; `/rollback status` lists what is open.',
  },
  'proven-item': {
    say: '{item} is proven by Backout, not answered by people: {state}.',
    next: '`/rollback status` tells what is open.',
  },
  'always-applies': {
    say: '{item} always applies: {ask}',
    next: '`/rollback check {item} done` and what you found.',
  },
  'nobody-to-page': {
    say: 'No page address is set for {role} of {target}.',
    next: 'Call {people} yourself; add `page` to the role in backout.yaml afterwards.',
  },
  'needs-outcome': {
    say: '{why}',
    next: '`/rollback close` and choose an outcome and a reason in the form.',
  },
  'backing-up': {
    say: 'A backup is being taken right now.',
    next: '`/rollback status` follows it.',
  },
  assessing: {
    say: 'The database is being read right now.',
    next: '`/rollback status` follows it.',
  },
  'still-working': {
    say: 'Not everything has ended: {what}.',
    next: 'Wait for it, then `/rollback close`. `/rollback abort` stops a backup or an assessment.',
  },
  'just-paged': {
    say: 'The {role} of {target} was called {seconds} s ago.',
    next: 'Give it half a minute; `/rollback page {word}` calls again.',
  },
  'target-gone': {
    say: '{target}, the target of {incident}, is no longer configured.',
    next: 'Put it back into backout.yaml and restart.',
  },
  'not-confirmed': {
    say: 'Not confirmed yet: the store did not answer in time. What you asked for may still have been taken.',
    next: '`/rollback status` tells. Asking again does no harm.',
  },
  broken: {
    say: 'Something in Backout itself went wrong ({reference}). Nothing was decided.',
    next: 'Try again; if it stays, follow the checklist by hand and tell whoever runs Backout.',
  },
} as const satisfies Record<string, RefusalText>;

export type RefusalCode = keyof typeof REFUSALS;

export interface Refusal {
  readonly kind: 'refusal';
  readonly code: RefusalCode;
  readonly say: string;
  readonly next: string;
  /** The field of a form that it belongs to, so that nobody types twice. */
  readonly field?: string;
}

export function refuse(
  code: RefusalCode,
  facts: Readonly<Record<string, string>> = {},
  field?: string,
): Refusal {
  const { say, next } = REFUSALS[code];
  return {
    kind: 'refusal',
    code,
    say: fill(say, facts),
    next: fill(next, facts),
    ...(field === undefined ? {} : { field }),
  };
}

/** `{name}` → its fact; `{person:…}` and `{time:…}` stay for whoever draws the text. */
function fill(text: string, facts: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{([a-zA-Z]+)\}/g, (whole, name: string) => facts[name] ?? whole);
}
