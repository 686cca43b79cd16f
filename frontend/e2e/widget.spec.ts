import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe, { type AxeResults } from 'axe-core';
import type { Frame, Page } from '@playwright/test';
import { expect, test, type Team } from './team';

/** A company's page on an origin of its own, with styles and a policy that are in the way. It is of the same site: the test's
 * browser gives frames of others no storage at all. */
async function hostPage(chat: string, site: string): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => {
    response.writeHead(200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'self'; script-src ${chat}; frame-src ${chat}; style-src 'unsafe-inline'`,
    });
    response.end(`<!doctype html><html lang="en"><title>Shop</title>
      <style>* { all: unset !important; display: none !important } html, body { display: block !important }
      iframe, button { opacity: 0 !important; width: 1px !important }</style>
      <body><h1>Shop</h1><script async src="${chat}/widget.js" data-site="${site}"></script></body></html>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

async function addSite(team: Team): Promise<string> {
  const made = await team.call('Olga Admin', '/sites', {
    name: 'Shop',
    accent: '#0b7285',
    greeting: { en: 'Welcome!' },
  });
  if (made.status !== 201) throw new Error(`${made.status} ${await made.text()}`);
  return ((await made.json()) as { id: string }).id;
}

/** The launcher stands in a closed root: it is found by where it stands. */
async function openChat(page: Page): Promise<Frame> {
  const view = page.viewportSize()!;
  const frame = () => page.frames().find((f) => f.url().includes('/chat/frame'));
  await expect
    .poll(async () => {
      // Where a chat was begun the frame is made without a press, and hidden: it is opened in any case.
      if (!(await shown(frame()))) await page.mouse.click(view.width - 48, view.height - 48);
      return shown(frame());
    })
    .toBe(true);
  return frame()!;
}

async function shown(frame: Frame | undefined): Promise<boolean> {
  const box = await frame?.frameElement().then((element) => element.boundingBox());
  return !!box && box.height > 100;
}

test('a visitor writes on another web site, an agent answers, and it goes on after a reload and a restart', async ({
  team,
  browser,
}, info) => {
  await team.addUser('Olga Admin', 'admin');
  const site = await addSite(team);
  const { url, server } = await hostPage(team.address, site);
  const context = await browser.newContext({ viewport: { width: 900, height: 720 } });
  try {
    const ana = await team.app('Ana Torres');
    const page = await context.newPage();
    await page.goto(url);
    let chat = await openChat(page);
    await expect(chat.getByText('Welcome!')).toBeVisible();
    await chat.getByRole('textbox', { name: 'Write a message' }).fill('Is the *blue* lamp in stock? <b>x</b>');
    await chat.getByRole('button', { name: 'Send' }).click();
    const own = chat.getByRole('article').filter({ hasText: 'lamp in stock? <b>x</b>' });
    await expect(own).toHaveCount(1);

    await ana.open('Open conversations', 'lamp in stock');
    await ana.send('Yes, two of them.');
    await expect(chat.getByRole('article').filter({ hasText: 'Yes, two of them.' })).toContainText('Ana Torres');
    await expect(own).toContainText('Seen');
    await expect(ana.message('Yes, two of them.')).toBeVisible();
    await page.screenshot({ path: info.outputPath('chat.png') });
    await chat.evaluate(axe.source); // no tool looks into a closed root from outside
    const found = (await chat.evaluate('axe.run()')) as AxeResults;
    expect(found.violations.filter((v) => ['serious', 'critical'].includes(v.impact ?? ''))).toEqual([]);

    const second = await context.newPage(); // another tab of the same browser
    await second.goto(url);
    const other = await openChat(second);
    await expect(other.getByRole('article')).toHaveCount(2);
    await page.bringToFront();
    await page.reload();
    chat = await openChat(page);
    await expect(chat.getByRole('article')).toHaveCount(2);

    await team.kill();
    await chat.getByRole('textbox', { name: 'Write a message' }).fill('I take one.');
    await chat.getByRole('button', { name: 'Send' }).click();
    await expect(chat.getByRole('article').filter({ hasText: 'I take one.' })).toContainText('Sending');
    await team.start();
    await expect(ana.message('I take one.')).toHaveCount(1, { timeout: 60_000 });
    await expect(chat.getByRole('article').filter({ hasText: 'I take one.' })).not.toContainText('Sending', {
      timeout: 60_000,
    });
    await expect(other.getByRole('article').filter({ hasText: 'I take one.' })).toHaveCount(1, { timeout: 60_000 });
  } finally {
    await context.close();
    server.close();
  }
});
