import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PageWorld } from './page-world.ts';
import { ANNA, BEN, DESK, PHONE, aBrowser, aLongChannel, aPageWorld, call } from './page-world.ts';

let browser: Browser;
let world: PageWorld;

const demo = {
  story: 'idle',
  said: 'The release of 14:02 renamed a column.',
  services: [
    {
      name: 'auth-service',
      healthy: false,
      says: 'failing, release 8: POST /login: no such column',
    },
    { name: 'gateway-service', healthy: true, says: 'healthy, release 7' },
  ],
  successRate: 0.996,
  pages: [{ id: 'p1', who: 'Dora', at: '2026-11-22T14:05:00Z', state: 'called' }],
  target: { version: 9, dirty: true },
  canBreak: true,
};

beforeAll(async () => {
  browser = await aBrowser();
});
afterAll(async () => browser.close());
beforeEach(async () => {
  world = await aPageWorld(browser);
});
afterEach(async () => world.stop());

async function upload(name: string, content: string): Promise<void> {
  const length = Buffer.byteLength(content);
  const answer = await call(world.slack, 'files.getUploadURLExternal', { filename: name, length });
  await fetch(String(answer['upload_url']), { method: 'POST', body: content });
  await call(world.slack, 'files.completeUploadExternal', {
    files: [{ id: answer['file_id'], title: 'Post-mortem' }],
    channel_id: 'C0HOME',
  });
}

const EVIL = '<img src=x onerror="window.hurt=1"> <script>window.hurt=1</script>';

test('whatever people and tools write is text, and never part of the page', async () => {
  world.slack.as(BEN).say('C0HOME', EVIL);
  await world.post({ text: `\`\`\`${EVIL}\`\`\` <javascript:window.hurt=1|press me> *${EVIL}*` });
  await upload('report.md', `# ${EVIL}\n\n[press](javascript:window.hurt=1) ${EVIL}\n`);
  const page = await world.open(ANNA);
  await page.getByText('Read it here').click();
  await page.locator('.preview h3').waitFor();

  expect(await page.locator('#page img, #page script').count()).toBe(0);
  expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
  expect(await page.evaluate('window.hurt')).toBeUndefined();
  expect(await page.locator('.preview').innerText()).toContain(EVIL);
});

test('the page asks its own server and nobody else', async () => {
  const asked: string[] = [];
  const page = await world.open(ANNA);
  page.on('request', (request) => asked.push(new URL(request.url()).origin));
  await world.post({
    text: 'A picture',
    blocks: [{ type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a curve' }],
  });
  await page.reload();

  await page.getByRole('link', { name: 'a curve' }).waitFor();
  expect(asked.length).toBeGreaterThan(5);
  expect(new Set(asked)).toEqual(new Set([world.slack.url]));
});

test('a report can be read on the page and downloaded', async () => {
  await upload(
    'INC-1.md',
    '# INC-1\n\n| When | What |\n|---|---|\n| 03:00 | started |\n\n- [x] 1.1 done\n',
  );
  const page = await world.open(ANNA);
  await page.getByText('Read it here').click();

  await page.locator('.preview td', { hasText: 'started' }).waitFor();
  expect(await page.locator('.preview li').innerText()).toBe('☑ 1.1 done');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('INC-1.md');
});

test('the pinned card is in sight wherever one reads, with its buttons, and can be folded', async () => {
  const channel = await aLongChannel(world);
  const text = { type: 'plain_text', text: 'Approve' };
  const ts = await world.post({
    channel,
    text: 'INC-1 · auth: the plan is ready.',
    blocks: [{ type: 'actions', elements: [{ type: 'button', action_id: 'approve', text }] }],
  });
  await call(world.slack, 'pins.add', { channel, timestamp: ts });
  const page = await world.open(ANNA, { channel });
  const pinned = page.getByRole('region', { name: 'Pinned' });

  await pinned.getByRole('button', { name: 'Approve' }).waitFor();
  await pinned.getByText('INC-1 · auth: the plan is ready.').click();
  await pinned.getByRole('button', { name: 'Approve' }).waitFor({ state: 'detached' });
  await call(world.slack, 'chat.update', { channel, ts, text: 'INC-1 · auth: rolled back.' });
  await pinned.getByText('INC-1 · auth: rolled back.').waitFor();
});

test('on a phone nothing is wider than the screen, and a thread takes all of it', async () => {
  const long = 'a-very-long-name-without-any-space-'.repeat(6);
  const ts = await world.post({
    text: `\`${long}\`\n\`\`\`${long}\`\`\` https://example.com/${long}`,
  });
  world.slack.as(BEN).say('C0HOME', 'Seen.', { threadTs: ts });
  const page = await world.open(ANNA, { viewport: PHONE });
  // A phone shows a page that is wider than its screen in a wider window.
  const width = async (): Promise<unknown> => page.evaluate('window.innerWidth');

  await page.getByText('1 reply').waitFor();
  expect(await width()).toBe(PHONE.width);
  expect(await page.evaluate("document.querySelector('.scroll').scrollWidth")).toBe(PHONE.width);
  await page.getByText('1 reply').tap();
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await thread.getByText('Seen.').waitFor();
  expect(await thread.boundingBox()).toMatchObject({ x: 0, y: 0, ...PHONE });
  await page.goBack();
  await thread.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Channels and people' }).tap();
  await page.getByRole('button', { name: '# other' }).tap();
  await page.getByRole('heading', { name: '# other' }).waitFor();
  expect(await width()).toBe(PHONE.width);
});

test('whoever is not in a channel can join it before writing', async () => {
  const page = await world.open(BEN, { channel: 'C0OTHER' });
  await page.getByRole('button', { name: 'Join #other' }).click();

  await page.locator('.write textarea').fill('Hello');
  await page.locator('.write textarea').press('Enter');
  await page.locator('.message', { hasText: 'Hello' }).waitFor();
});

test('without a demo there is no band; with one it says what is broken and lets people act', async () => {
  const plain = await world.open(ANNA);
  expect(await plain.getByRole('region', { name: 'The demo' }).count()).toBe(0);

  const asked: string[] = [];
  const answering = (path: string, body: object) => ({
    method: path === '/demo/state' ? 'GET' : 'POST',
    path,
    async handler(request: AsyncIterable<unknown>, response: { end: (text: string) => unknown }) {
      let sent = '';
      for await (const chunk of request) sent += String(chunk);
      if (path !== '/demo/state') asked.push(`${path} ${sent}`);
      response.end(JSON.stringify(body));
    },
  });
  const other = await aPageWorld(browser, [
    answering('/demo/state', demo),
    answering('/demo/watch', { ok: true }),
    answering('/demo/break', { ok: true }),
    answering('/demo/ack', { ok: true }),
  ]);
  const page = await other.open(ANNA);
  const band = page.getByRole('region', { name: 'The demo' });

  await band.getByText('auth-service failing').waitFor();
  const said = await band.innerText();
  expect(said).toContain('99 %');
  expect(said).toContain('schema 9, dirty');
  expect(said).toContain('The release of 14:02 renamed a column.');
  const phone = await other.open(ANNA, { viewport: PHONE });
  await phone.getByRole('button', { name: 'Answer' }).waitFor();
  expect(await phone.evaluate('window.innerWidth')).toBe(PHONE.width);
  await band.getByRole('button', { name: 'Answer' }).click();
  await band.getByRole('button', { name: 'Watch it being done' }).click();
  await expect.poll(() => asked).toEqual(['/demo/ack {"id":"p1"}', '/demo/watch {}']);
  await band.getByRole('button', { name: 'Break it again' }).click();
  await expect.poll(() => asked).toContain('/demo/break {}');
  await other.stop();
});

test('when the sandbox is gone the page says so, and goes on when it is back', async () => {
  const page = await world.open(ANNA);
  await page.route('**/page/**', async (route) => route.abort());
  await page.evaluate('window.dispatchEvent(new Event("popstate"))');
  await page.getByText('The sandbox does not answer.').waitFor();
  await page.unroute('**/page/**');

  await page.getByText('The sandbox does not answer.').waitFor({ state: 'detached' });
});

test('a reader further up is not moved when messages come and change', async () => {
  const channel = await aLongChannel(world);
  const page = await world.open(ANNA, { channel });
  const line = page.locator('.message', { hasText: 'Line 15' });
  await line.scrollIntoViewIfNeeded();
  await page.getByRole('button', { name: 'To the newest' }).waitFor();
  const top = async (): Promise<number> => Math.round((await line.boundingBox())?.y ?? -1);
  const before = await top();

  const [first] = world.slack.messages(channel).filter(({ text }) => text.startsWith('Line 1'));
  await call(world.slack, 'chat.update', { channel, ts: first?.ts, text: 'Long\n'.repeat(20) });
  await world.post({ channel, text: 'The newest' });
  await page.getByText('The newest').waitFor();

  expect(await top()).toBe(before);
  await page.getByRole('button', { name: 'To the newest' }).click();
  await expect.poll(async () => page.getByText('The newest').isVisible()).toBe(true);
});

test('a reader at the end keeps seeing the newest message', async () => {
  const channel = await aLongChannel(world);
  const page = await world.open(ANNA, { channel });
  await world.post({ channel, text: 'The newest\nof\nall' });

  const newest = page.locator('.message', { hasText: 'The newest' });
  await newest.waitFor();
  await expect
    .poll(async () => (await newest.boundingBox())?.y ?? 0)
    .toBeLessThan(DESK.height - 100);
});

test('what is being written stays while the channel moves on', async () => {
  const page = await world.open(ANNA);
  const box = page.locator('.write textarea');
  await box.fill('I think');
  await box.press('ArrowLeft');
  await world.post({ text: 'Something else' });
  await page.getByText('Something else').waitFor();
  await page.keyboard.type('!');

  expect(await box.inputValue()).toBe('I thin!k');
});
