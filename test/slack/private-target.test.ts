import { expect, test } from 'vitest';
import { aTarget } from '../support/targets.ts';
import { drawnBy, openOffice, TALK } from './support/office.ts';

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

test('a stranger who wants to start what is open and private is told whom to ask, and nothing later', async () => {
  const { roles } = aTarget();
  const target = aTarget({
    privateChannel: true,
    roles: { ...roles, platform_lead: { people: ['ben'] } },
  });
  const office = await openOffice({ targets: [target] });
  const { slack } = office;
  try {
    const refused = { error: 'restricted_action', kind: 'error', times: 99 } as const;
    slack.faults.add({ method: 'conversations.create', ...refused });
    const id = await office.open();
    await slack.as('U0PAT').command(TALK, '/rollback', 'start auth logins fail');
    await slack.as('U0ANNA').command(TALK, '/rollback', 'start auth logins fail');
    await drawnBy(office);
    const told = (user: string): string => JSON.stringify(slack.ephemerals(user));
    // Whoever asked first is also looked after first.
    await slack.until(() => told('U0ANNA').includes(`*${id}*: `));
    expect(slack.ephemerals('U0PAT')).toHaveLength(1);
    expect(told('U0PAT')).toContain(`${id} is open for auth, and private`);
    expect(told('U0PAT')).not.toMatch(/since the release|does not let apps/);
  } finally {
    await office.close();
  }
});
