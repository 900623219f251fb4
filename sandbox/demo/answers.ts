/** What the people of the demo say to what they are asked. */

interface Answer {
  /** Fits the label of a field, or the words of an item of the checklist. */
  readonly about: RegExp;
  readonly says: string;
}

const ANSWERS: readonly Answer[] = [
  {
    about: /what is wrong/i,
    says: 'Since release 8 most logins fail: null value in column "device_label", and refreshing fails: column accounts.email does not exist',
  },
  {
    about: /who notices what/i,
    says: 'Two of three people cannot log in, on the web and on the phone.',
  },
  {
    about: /fix forward/i,
    says: 'A new release takes 40 minutes to build and to test; the down file is three lines.',
  },
  {
    about: /what you found/i,
    says: 'The migration wrote "unknown device" into sessions that had no label; that may stay. The down file drops no row and no column.',
  },
  {
    about: /specific data/i,
    says: 'Nothing has to go back: the down file drops no rows.',
  },
  {
    about: /error logs/i,
    says: 'Both services, since they came back: no error, and logins succeed.',
  },
  {
    about: /went wrong/i,
    says: 'The migration renamed a column that the running release still read.',
  },
  {
    about: /migration tests/i,
    says: 'Ben adds a test that runs the previous release on the new schema.',
  },
  {
    about: /rollback procedures/i,
    says: 'Waking the administrator took longest. Renames are done in two steps from now on.',
  },
  { about: /post-mortem/i, says: 'Monday at ten, with both teams.' },
  { about: /monitoring/i, says: 'An alarm when fewer than 95 in 100 logins succeed.' },
  { about: /why.*closed/i, says: 'The database is rolled back and people can log in again.' },
];

const ANYTHING = 'Looked at it together: nothing unusual.';

export function answerTo(question: string): string {
  return ANSWERS.find(({ about }) => about.test(question))?.says ?? ANYTHING;
}

export function hasAnswer(question: string): boolean {
  return ANSWERS.some(({ about }) => about.test(question));
}
