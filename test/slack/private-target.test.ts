import { expect, test } from 'vitest';
import { aTarget } from '../support/targets.ts';
import { openOffice, TALK } from './support/office.ts';

test('a mention about a private target is answered to its person alone', async () => {
  const office = await openOffice({ targets: [aTarget({ privateChannel: true })] });
  const { slack } = office;
  try {
    slack.as('U0ANNA').say(TALK, '<@U0BACKOUT> start auth The salaries are gone');
    await slack.until(() =>
      slack
        .ephemerals('U0ANNA')
        .find((one) => JSON.stringify(one.blocks).includes('is open for auth')),
    );
    expect(slack.messages(TALK).filter((one) => one.bot_id !== undefined)).toEqual([]);
  } finally {
    await office.close();
  }
});
