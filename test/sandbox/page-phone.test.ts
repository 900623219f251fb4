import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ExtraRoute } from '../../sandbox/slack/server.ts';
import type { PageWorld } from './page-world.ts';
import { ANNA, PHONE, aBrowser, aLongChannel, aPageWorld, call, plain } from './page-world.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await aBrowser();
});
afterAll(async () => browser.close());

async function aWorld(routes: readonly ExtraRoute[] = []): Promise<PageWorld> {
  const world = await aPageWorld(browser, routes);
  onTestFinished(() => world.stop());
  return world;
}

async function expectOnScreen(part: Locator): Promise<void> {
  const box = await part.boundingBox();
  expect(box?.x).toBeGreaterThanOrEqual(0);
  expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(PHONE.width);
  expect(box?.y).toBeGreaterThanOrEqual(0);
  expect((box?.y ?? 0) + (box?.height ?? Infinity)).toBeLessThanOrEqual(PHONE.height);
}

async function expectNothingCutOff(page: Page, part: string): Promise<void> {
  const wide = `[...document.querySelectorAll('${part} *')]
    .filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.className)`;
  expect(await page.evaluate(wide)).toEqual([]);
}

const FILE = '0008_require_device_and_rename_email_and_more.down.sql';

test('on a phone a form with long file names fits, and all of it can be read', async () => {
  const { slack, app, post, open } = await aWorld();
  const option = (kind: 'plain_text' | 'mrkdwn', text: string): object => ({
    text: { type: kind, text },
    description: plain(`Reads ${FILE}`),
    value: text.slice(0, 20),
  });
  app.action('approve', async ({ ack, body }) => {
    const field = (id: string, type: string, options: readonly object[]): object => ({
      type: 'input',
      block_id: id,
      label: plain(`${FILE}: did you read it?`),
      element: { type, action_id: id, options },
    });
    const blocks = [
      { type: 'section', text: { type: 'mrkdwn', text: `*${FILE}*\n\`\`\`drop ${FILE}\`\`\`` } },
      field('role', 'radio_buttons', [option('plain_text', `On call for ${FILE}`)]),
      field('items', 'checkboxes', [option('mrkdwn', `*2.1* ${FILE}`), option('mrkdwn', 'Short')]),
    ];
    const view = { type: 'modal', title: plain('Approve'), submit: plain('Approve'), blocks };
    const trigger = 'trigger_id' in body ? body.trigger_id : '';
    await call(slack, 'views.open', { trigger_id: trigger, view });
    await ack();
  });
  const elements = [{ type: 'button', action_id: 'approve', text: plain('Approve') }];
  await post({ text: 'Approve?', blocks: [{ type: 'actions', elements }] });
  const page = await open(ANNA, { viewport: PHONE });
  await page.getByRole('button', { name: 'Approve' }).tap();
  const form = page.getByRole('dialog');

  await form.getByLabel('Short').waitFor();
  await expectNothingCutOff(page, 'dialog');
  await expectOnScreen(form.getByRole('button', { name: 'Approve' }));
});

test('on a phone the answer to a press is told where one reads, not far below', async () => {
  const world = await aWorld();
  const channel = await aLongChannel(world);
  const page = await world.open(ANNA, { channel, viewport: PHONE });
  await page.getByText('Line 30').waitFor();
  const first = page.getByText('Line 1 ', { exact: false }).first();
  await first.scrollIntoViewIfNeeded();
  await page.getByRole('button', { name: 'To the newest' }).waitFor();

  const text = 'Not done: you have no key for this plan.';
  const raw = text.replace('key', '`key`');
  await call(world.slack, 'chat.postEphemeral', { channel, user: ANNA, text: raw });
  await page.locator('.toast', { hasText: text }).waitFor();
  await expectOnScreen(page.locator('.toast', { hasText: text }));
});

test('on a phone a ringing pager, the services and the reason why a button is grey are in sight', async () => {
  const asked: string[] = [];
  const service = (name: string): object => ({ name, healthy: false, says: 'failing, release 8' });
  const state = {
    story: 'idle',
    said: 'A plan waits in #inc-1-auth.',
    services: [service('auth-service'), service('gateway-service')],
    successRate: 0.1,
    pages: [
      { id: 'p1', who: 'database administrator', at: '2026-11-22T14:05:00Z', state: 'called' },
      { id: 'p2', who: 'on-call engineer', at: '2026-11-22T14:05:00Z', state: 'called' },
    ],
    target: { version: 8, dirty: false },
    canBreak: false,
  };
  const world = await aWorld([
    {
      method: 'GET',
      path: '/demo/state',
      handler: async (_request, response) => void response.end(JSON.stringify(state)),
    },
    {
      method: 'POST',
      path: '/demo/watch',
      async handler(_request, response) {
        asked.push('watch');
        response.end(JSON.stringify({ ok: true }));
      },
    },
  ]);
  const page = await world.open(ANNA, { viewport: PHONE });
  const band = page.getByRole('region', { name: 'The demo' });
  await band.getByText('auth-service').waitFor();

  for (const name of ['auth-service', 'gateway-service']) {
    await expectOnScreen(band.locator('.service', { hasText: name }));
  }
  await expectOnScreen(band.getByRole('button', { name: 'Answer' }).first());
  await expectOnScreen(band.getByRole('button', { name: 'Answer' }).last());
  await expectOnScreen(band.getByText('Break it again: once the incident is closed.'));

  await band.getByRole('button', { name: 'Watch it being done' }).dblclick();
  await expect.poll(() => asked).toEqual(['watch']);
});
