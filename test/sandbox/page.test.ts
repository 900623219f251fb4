import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PageWorld } from './page-world.ts';
import { ANNA, BEN, PHONE, aBrowser, aLongChannel, aPageWorld, call, plain } from './page-world.ts';

let browser: Browser;
let world: PageWorld;

beforeAll(async () => {
  browser = await aBrowser();
});
afterAll(async () => browser.close());
beforeEach(async () => {
  world = await aPageWorld(browser);
});
afterEach(async () => world.stop());

async function write(page: Page, text: string): Promise<void> {
  const box = page.locator('main .write textarea');
  await box.fill(text);
  await box.press('Enter');
}

const START_FORM = {
  type: 'modal' as const,
  callback_id: 'start',
  title: { type: 'plain_text' as const, text: 'Start a rollback' },
  submit: { type: 'plain_text' as const, text: 'Start' },
  blocks: [
    {
      type: 'input' as const,
      block_id: 'target',
      label: { type: 'plain_text' as const, text: 'Which database?' },
      element: {
        type: 'radio_buttons' as const,
        action_id: 'start:target',
        options: ['auth', 'billing'].map((name) => ({
          text: { type: 'plain_text' as const, text: name },
          value: name,
        })),
      },
    },
    {
      type: 'input' as const,
      block_id: 'sentence',
      label: { type: 'plain_text' as const, text: 'What is wrong?' },
      element: { type: 'plain_text_input' as const, action_id: 'start:sentence' },
    },
  ],
};

function withStartForm({ app }: PageWorld): readonly string[] {
  const sent: string[] = [];
  app.command('/rollback', async ({ ack, client, command }) => {
    await client.views.open({ trigger_id: command.trigger_id, view: START_FORM });
    await ack();
  });
  app.view('start', async ({ ack, view, body }) => {
    const said = view.state.values['sentence']?.['start:sentence']?.value ?? '';
    const target = view.state.values['target']?.['start:target']?.selected_option?.value ?? '';
    if (!said.includes(' ')) {
      await ack({
        response_action: 'errors',
        errors: { sentence: 'Say what fails, and since when.' },
      });
      return;
    }
    sent.push(`${body.user.id}: ${target}: ${said}`);
    await ack();
  });
  return sent;
}

test('a newcomer sees what this is and what to do first, without a name in the address', async () => {
  const page = await browser.newPage({ viewport: PHONE });
  await page.goto(world.slack.url);

  const intro = page.locator('.intro');
  await intro.waitFor();
  expect(await intro.innerText()).toContain('/rollback start');
  await intro.getByRole('button', { name: 'Type it for me' }).click();

  expect(await page.locator('.write textarea').inputValue()).toBe('/rollback start');
  expect(await page.getByRole('combobox', { name: 'You are' }).inputValue()).toBe(ANNA);
  await page.close();
});

test('a mistake in a form is told at its field, and nothing has to be typed twice', async () => {
  const sent = withStartForm(world);
  const page = await world.open(ANNA);
  await write(page, '/rollback start');
  const form = page.getByRole('dialog');
  await form.waitFor();
  await form.getByLabel('What is wrong?').fill('Broken');
  await form.getByRole('button', { name: 'Start' }).click();

  const target = form.locator('[data-block=target]');
  await target.getByRole('alert').waitFor();
  await target.getByLabel('auth').check();
  await form.getByRole('button', { name: 'Start' }).click();

  const sentence = form.locator('[data-block=sentence]');
  await sentence.getByText('Say what fails, and since when.').waitFor();
  expect(await sentence.locator('input').inputValue()).toBe('Broken');
  await sentence.locator('input:focus').waitFor();
  await sentence.locator('input').fill('Logins fail since 14:02');
  await sentence.locator('input').press('Enter');

  await form.waitFor({ state: 'detached' });
  expect(sent).toEqual([`${ANNA}: auth: Logins fail since 14:02`]);
});

test('a form is left with the Escape key, back to where one was writing', async () => {
  const sent = withStartForm(world);
  const page = await world.open(ANNA);
  await write(page, '/rollback start');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('.write textarea:focus').waitFor();
  expect(sent).toEqual([]);
  await expect.poll(() => world.slack.view(ANNA)).toBeNull();
});

test('one person can play both keys', async () => {
  const pressed: string[] = [];
  world.app.action('approve', async ({ ack, body }) => {
    pressed.push(body.user.id);
    await ack();
  });
  const elements = [{ type: 'button', action_id: 'approve', text: plain('Approve') }];
  await world.post({ text: 'Approve?', blocks: [{ type: 'actions', elements }] });
  const page = await world.open(ANNA);

  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('button', { name: /Ben Bell/ }).click();
  await page.locator('.person.is-me', { hasText: 'Ben Bell' }).waitFor();
  await page.getByRole('button', { name: 'Approve' }).click();

  await expect.poll(() => pressed).toEqual([ANNA, BEN]);
  expect(page.url()).toContain(`#${BEN}/`);
});

test('a button that asks first does nothing until it is answered yes', async () => {
  const pressed: string[] = [];
  world.app.action('abort', async ({ ack }) => {
    pressed.push('abort');
    await ack();
  });
  const confirm = {
    title: plain('Abort the rollback?'),
    text: plain('Nothing has been changed.'),
    confirm: plain('Abort it'),
    deny: plain('Go on'),
  };
  const elements = [{ type: 'button', action_id: 'abort', text: plain('Abort'), confirm }];
  await world.post({ text: 'Abort?', blocks: [{ type: 'actions', elements }] });
  const page = await world.open(ANNA);

  await page.getByRole('button', { name: 'Abort', exact: true }).click();
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(pressed).toEqual([]);
  await page.getByRole('button', { name: 'Abort', exact: true }).click();
  await page.getByRole('button', { name: 'Abort it' }).click();

  await expect.poll(() => pressed).toEqual(['abort']);
});

test('what the app did not answer is told, and the typed command is not lost', async () => {
  world.slack.deliverTo('http://127.0.0.1:9/nobody');
  const page = await world.open(ANNA);
  await write(page, '/rollback start auth');

  await page.getByRole('alert').getByText('dispatch_failed').waitFor();
  expect(await page.locator('.write textarea').inputValue()).toBe('/rollback start auth');
});

test('commands do not work in threads, and the page says what does', async () => {
  const ts = await world.post({ text: 'Section 4' });
  world.slack.as(BEN).say('C0HOME', 'Looks good', { threadTs: ts });
  const page = await world.open(ANNA);
  await page.getByRole('button', { name: /1 reply/ }).click();
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await thread.getByText('Looks good').waitFor();
  await thread.locator('textarea').fill('/rollback status');
  await thread.locator('textarea').press('Enter');

  await thread.getByText('@backout status').waitFor();
  await thread.locator('textarea').fill('And the copy?');
  await thread.locator('textarea').press('Enter');
  await thread.getByText('And the copy?').last().waitFor();
  expect(world.slack.thread('C0HOME', ts).map(({ text }) => text)).toContain('And the copy?');
  await thread.getByRole('button', { name: 'Close the thread' }).click();
  await thread.waitFor({ state: 'detached' });
});

test('what only one person sees is marked, and nobody else sees it', async () => {
  await call(world.slack, 'chat.postEphemeral', {
    channel: 'C0HOME',
    user: ANNA,
    text: 'For you.',
  });
  const page = await world.open(ANNA);

  await page
    .locator('.is-private', { hasText: 'Only you see this' })
    .getByText('For you.')
    .waitFor();
  const other = await world.open(BEN);
  expect(await other.getByText('For you.').count()).toBe(0);
  await page.getByRole('button', { name: 'Put away' }).click();
  await page.getByText('For you.').waitFor({ state: 'detached' });
});

test('whoever is asked for elsewhere is told, and so is whoever plays them', async () => {
  const page = await world.open(ANNA);
  const channel = await aLongChannel(world);
  await world.post({ channel, text: `<@${ANNA}> or <@${BEN}>: approve the plan.` });

  await page.getByText('You are mentioned in #inc-1-auth.').waitFor();
  await page.locator('.room', { hasText: 'inc-1-auth' }).locator('.is-loud').waitFor();
  await page.locator('.person', { hasText: 'Ben Bell' }).locator('.is-loud').waitFor();
  await page.getByRole('button', { name: 'Go there' }).click();
  await page.getByRole('heading', { name: '# inc-1-auth' }).waitFor();
  await page.locator('.person', { hasText: 'Ben Bell' }).click();

  await page.locator('.person.is-me', { hasText: 'Ben Bell' }).waitFor();
  await expect.poll(async () => page.locator('.is-loud').count()).toBe(0);
});
