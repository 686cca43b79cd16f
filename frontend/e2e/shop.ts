import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe, { type AxeResults } from 'axe-core';
import type { BrowserContext, Frame, Locator, Page } from '@playwright/test';
import { expect, type Team } from './team';

export interface Site {
  id: string;
  secret: string;
}

/** Adds a web site with the live chat, as an administrator does. */
export async function addSite(team: Team, more: object = {}): Promise<Site> {
  const made = await team.call('Olga Admin', '/sites', { name: 'Shop', ...more });
  if (made.status !== 201) throw new Error(`${made.status} ${await made.text()}`);
  return (await made.json()) as Site;
}

/** A site's word on who is there, valid for an hour. */
export function signed(site: Site, email: string, name: string): Record<string, string> {
  const expires = String(Math.floor(Date.now() / 1000) + 3600);
  const signature = createHmac('sha256', site.secret).update(`${email}\n${name}\n${expires}`).digest('hex');
  return { email, name, expires, signature };
}

interface Look {
  /** The page's language as it stands in its markup; null: it says none. */
  lang?: string | null;
  title?: string;
  /** More of the script's data. */
  data?: Record<string, string>;
  /** The page's name: localhost makes it another site than the chat's, and not only another origin. */
  host?: 'localhost' | '127.0.0.1';
}

/** A company's pages on an origin of their own, with styles and a policy that are in the way. */
export class Shop {
  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async open(chat: string, site: Site, look: Look = {}): Promise<Shop> {
    const { lang = 'en', title = 'Shop', data = {}, host = '127.0.0.1' } = look;
    const attributes = Object.entries({ site: site.id, ...data }).map(([name, value]) => `data-${name}="${value}"`);
    const server = createServer((_, response) => {
      response.writeHead(200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': `default-src 'self'; script-src ${chat}; frame-src ${chat}; style-src 'unsafe-inline'`,
      });
      response.end(`<!doctype html><html${lang === null ? '' : ` lang="${lang}"`}>
        <meta name="viewport" content="width=device-width"><title>${title}</title>
        <style>* { all: unset !important; display: none !important } html, body { display: block !important }
        iframe, button { opacity: 0 !important; width: 1px !important }</style>
        <body><h1>Shop</h1><script async src="${chat}/widget.js" ${attributes.join(' ')}></script></body></html>`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Shop(`http://${host}:${(server.address() as AddressInfo).port}/`, server);
  }

  close(): void {
    this.server.close();
  }
}

/** The chat on a page, as its visitor has it. */
export class Widget {
  private constructor(
    readonly page: Page,
    public frame: Frame,
  ) {}

  /** Goes to a page and opens the chat on it. */
  static async on(context: BrowserContext, url: string): Promise<Widget> {
    const page = await context.newPage();
    await page.goto(url);
    return new Widget(page, await openChat(page));
  }

  async reload(): Promise<void> {
    await this.page.bringToFront();
    await this.page.reload();
    this.frame = await openChat(this.page);
  }

  get box(): Locator {
    return this.frame.getByRole('textbox', { name: /^(Write a message|Escribe un mensaje)$/ });
  }

  get messages(): Locator {
    return this.frame.getByRole('article');
  }

  message(text: string): Locator {
    return this.messages.filter({ hasText: text });
  }

  get note(): Locator {
    return this.frame.getByRole('status');
  }

  async write(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press('Enter');
    await expect(this.message(text)).toHaveCount(1);
  }

  /** What is said there, in order, each text once or however often it stands there. */
  async texts(): Promise<string[]> {
    return (await this.messages.locator('.text').allTextContents()).map((text) => text.trim());
  }

  /** No tool looks into a closed root from outside: it is brought into the frame. */
  async accessible(): Promise<void> {
    await this.frame.evaluate(axe.source);
    const { violations } = (await this.frame.evaluate('axe.run()')) as AxeResults;
    expect(violations.filter((v) => ['serious', 'critical'].includes(v.impact ?? ''))).toEqual([]);
  }
}

/** The frame of a page's chat, once it is there. */
export function chatFrame(page: Page): Frame | undefined {
  return page.frames().find((f) => f.url().includes('/chat/frame'));
}

/** Whether the chat is open: its frame is made before, and hidden, where a chat was begun. */
export async function isOpen(page: Page): Promise<boolean> {
  const box = await chatFrame(page)
    ?.frameElement()
    .then((element) => element.boundingBox());
  return !!box && box.height > 100;
}

/** Presses the launcher, which stands in a closed root and is found by where it stands. */
export async function pressLauncher(page: Page): Promise<void> {
  const view = page.viewportSize()!;
  await page.mouse.click(view.width - 48, view.height - 48);
}

async function openChat(page: Page): Promise<Frame> {
  await expect
    .poll(async () => {
      if (!(await isOpen(page))) await pressLauncher(page);
      return isOpen(page);
    })
    .toBe(true);
  return chatFrame(page)!;
}
