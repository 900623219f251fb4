/** The page as people meet it: a real browser on a real stand-in, with a small app behind it. */
import { join } from 'node:path';
import type { App } from '@slack/bolt';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { foundPrograms } from '../../sandbox/servers/programs.ts';
import type { ExtraRoute } from '../../sandbox/slack/server.ts';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import { ANNA, BEN, aWorkspace, anHttpApp, call } from './slack-world.ts';

const PAGE_FOLDER = join(import.meta.dirname, '..', '..', 'sandbox', 'page');

export const PHONE = { width: 375, height: 667 };
export const DESK = { width: 1280, height: 800 };

export async function aBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: foundPrograms().chromium ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface PageWorld {
  readonly slack: StandInSlack;
  readonly app: App;
  /** Posts as the app and gives back the message's time. */
  readonly post: (message: Readonly<Record<string, unknown>>) => Promise<string>;
  /** Opens the page as somebody, at a channel. */
  readonly open: (
    person: string,
    options?: { readonly channel?: string; readonly viewport?: typeof DESK },
  ) => Promise<Page>;
  readonly stop: () => Promise<void>;
}

export async function aPageWorld(
  browser: Browser,
  extraRoutes: readonly ExtraRoute[] = [],
): Promise<PageWorld> {
  const slack = await aWorkspace({ pageFolder: PAGE_FOLDER, extraRoutes });
  const { app, stop } = await anHttpApp(slack);
  const pages: Page[] = [];
  return {
    slack,
    app,
    async post(message) {
      const answer = await call(slack, 'chat.postMessage', { channel: 'C0HOME', ...message });
      if (answer['ok'] !== true) throw new Error(JSON.stringify(answer));
      return String(answer['ts']);
    },
    async open(person, { channel = 'C0HOME', viewport = DESK } = {}) {
      const isPhone = viewport.width < 500;
      const page = await browser.newPage({ viewport, isMobile: isPhone, hasTouch: isPhone });
      pages.push(page);
      page.setDefaultTimeout(10_000);
      await page.goto(`${slack.url}/#${person}/${channel}`);
      await page.locator('.composer').first().waitFor();
      return page;
    },
    async stop() {
      await Promise.all(pages.map((page) => page.close()));
      await stop();
      await slack.close();
    },
  };
}

/** A channel with the app and both people in it, and enough messages to scroll. */
export async function aLongChannel({ slack, post }: PageWorld): Promise<string> {
  const made = await call(slack, 'conversations.create', { name: 'inc-1-auth' });
  const channel = made['channel'];
  const id =
    typeof channel === 'object' && channel !== null && 'id' in channel ? String(channel.id) : '';
  await call(slack, 'conversations.invite', { channel: id, users: `${ANNA},${BEN}` });
  for (let at = 1; at <= 30; at += 1) await post({ channel: id, text: `Line ${at}\nand more` });
  return id;
}

export const plain = (text: string): { readonly type: string; readonly text: string } => ({
  type: 'plain_text',
  text,
});

export { ANNA, BEN, call };
