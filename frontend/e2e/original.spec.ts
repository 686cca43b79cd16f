import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { AddressInfo } from 'node:net';
import { expect, type Team, test } from './team';

/** Hands a mail to the server's own listener, as any mail server does. */
async function bring(port: number, from: string, mail: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const answers = createInterface(socket)[Symbol.asyncIterator]();
  const expectAnswer = async (code: string) => {
    for (;;) {
      const { value } = (await answers.next()) as { value?: string };
      if (!value?.startsWith(code)) throw new Error(`the server answered ${value}, not ${code}`);
      if (value[3] !== '-') return;
    }
  };
  await expectAnswer('220');
  for (const [line, code] of [
    ['EHLO helio.example', '250'],
    [`MAIL FROM:<${from}>`, '250'],
    ['RCPT TO:<support@acme.example>', '250'],
    ['DATA', '354'],
    [`${mail.replace(/\r?\n/g, '\r\n')}\r\n.`, '250'],
    ['QUIT', '221'],
  ]) {
    socket.write(`${line}\r\n`);
    await expectAnswer(code!);
  }
  socket.end();
}

async function withMail(team: Team): Promise<number> {
  const free = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => free.once('listening', ready));
  const { port } = free.address() as AddressInfo;
  await new Promise((closed) => free.close(closed));
  await team.kill();
  team.flags = ['--mail-listen', `127.0.0.1:${port}`, '--mail-from', 'Acme <support@acme.example>'];
  await team.start();
  return port;
}

const head = (subject: string, id: string, more = '') =>
  `From: Dana Kim <dana@helio.example>\nTo: support@acme.example\n${more}Subject: ${subject}\nDate: Mon, 23 Nov 2026 10:00:00 +0100\n` +
  `Message-ID: <${id}@helio.example>\nMIME-Version: 1.0\n`;

const html = (body: string) => `Content-Type: text/html; charset=utf-8\n\n<html><body>${body}</body></html>`;

test('the mail behind a message is shown whole: quotes folded, headers, Cc as suggestions, the file as it came', async ({
  team,
}) => {
  const port = await withMail(team);
  const ana = await team.app('Ana Torres');
  const quote = '<div class="gmail_quote">On Monday Ana wrote:<blockquote>The old price list.</blockquote></div>';
  const mail =
    head('Prices', 'one', 'Cc: Eva Lund <eva@helio.example>\n') + html(`<p>Is the <b>new</b> list ready?</p>${quote}`);
  await bring(port, 'dana@helio.example', mail);
  await ana.open('Open conversations', 'Prices');
  const message = ana.message('Is the new list ready?');
  await expect(message).not.toContainText('The old price list.');
  await expect(message).toContainText('unverified sender');
  await expect(message).toContainText('Also addressed: Eva Lund <eva@helio.example> · Add');
  if (process.env.SHOTS) await ana.page.screenshot({ path: `${process.env.SHOTS}/mail-message.png` });

  await message.getByRole('button', { name: 'Show quoted text' }).click();
  const dialog = ana.page.getByRole('dialog', { name: 'Prices' });
  const frame = dialog.frameLocator('iframe');
  await expect(frame.getByText('new', { exact: true })).toBeVisible();
  await expect(frame.getByText('The old price list.')).toBeHidden();
  await frame.getByText('Show quoted text').click();
  await expect(frame.getByText('The old price list.')).toBeVisible();
  await dialog.getByText(/Dana Kim <dana@helio\.example> ·/).click();
  await expect(dialog).toContainText('Eva Lund <eva@helio.example>');
  if (process.env.SHOTS) await ana.page.screenshot({ path: `${process.env.SHOTS}/mail-original.png` });
  const downloading = ana.page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save as .eml' }).click();
  expect((await downloading).suggestedFilename()).toBe('Prices.eml');
  await ana.closeDialog();

  // Seen once, it is there without the server.
  await team.kill();
  await expect(ana.status).toContainText('Offline');
  await message.getByRole('button', { name: 'Show quoted text' }).click();
  await expect(dialog.frameLocator('iframe').getByText('new', { exact: true })).toBeVisible();
  await ana.closeDialog();
  await team.start();
  await ana.reconnect();
  await expect(ana.status).toContainText('Connected');

  await message.getByRole('button', { name: 'Add Eva Lund' }).click();
  await ana.page.getByRole('dialog').getByRole('button', { name: 'From now on' }).click();
  const aside = ana.page.getByRole('complementary', { name: 'People and files' });
  await expect(aside.getByRole('listitem').filter({ hasText: 'Eva Lund' })).toContainText('e-mail, now');
  await expect(message).not.toContainText('Also addressed');
});

test('a plain mail is shown as text, and an automatic answer as a quiet note', async ({ team }) => {
  const port = await withMail(team);
  const ana = await team.app('Ana Torres');
  await bring(
    port,
    'dana@helio.example',
    `${head('Hello', 'plain')}Content-Type: text/plain\n\nJust <b>text</b>.\n\n-- \nDana`,
  );
  await ana.open('Open conversations', 'Hello');
  await ana.message('Just <b>text</b>.').getByRole('button', { name: 'Show quoted text' }).click();
  const dialog = ana.page.getByRole('dialog', { name: 'Hello' });
  await expect(dialog.getByRole('region', { name: 'The mail as it came' })).toContainText('Just <b>text</b>.');
  await expect(dialog.locator('iframe')).toHaveCount(0);
  await ana.closeDialog();
  const away = head(
    'Automatic reply: Hello',
    'away',
    'Auto-Submitted: auto-replied\nIn-Reply-To: <plain@helio.example>\n',
  );
  await bring(port, 'dana@helio.example', `${away}Content-Type: text/plain\n\nI am away until Monday.`);
  await expect(ana.message('I am away until Monday.')).toContainText('automatic reply');
});

/** What a mail may try. T is where it would tell that it succeeded. */
const attacks = (t: string) => `
  <script>fetch('${t}/script')</script><script src="${t}/src.js"></script>
  <img src="x:x" onerror="fetch('${t}/onerror')"><body onload="fetch('${t}/onload')">
  <meta http-equiv="refresh" content="0;url=${t}/refresh"><base href="${t}/"><a href="relative">relative</a>
  <link rel="stylesheet" href="${t}/style.css"><link rel="preload" as="image" href="${t}/preload"><link rel="dns-prefetch" href="${t}/dns">
  <style>@import url('${t}/import.css'); body { background: url('${t}/css-sheet') } @font-face { font-family: f; src: url('${t}/font') } * { font-family: f }</style>
  <p style="background: url('${t}/css-attribute'); background-image: image-set('${t}/image-set' 1x)">styled</p>
  <p style="background:\\75 rl('${t}/css-escape'); list-style: url('${t}/list-style'); cursor: url('${t}/cursor'), auto">escaped</p>
  <table background="${t}/background"><tr><td background="${t}/td">cell</td></tr></table>
  <svg xmlns="http://www.w3.org/2000/svg" onload="fetch('${t}/svg-onload')"><image href="${t}/svg-image"/><script>fetch('${t}/svg-script')</script>
  <use href="${t}/svg-use#x"/><foreignObject><iframe src="${t}/svg-frame"></iframe></foreignObject><animate attributeName="href" values="javascript:1"/></svg>
  <math><mtext></form><form><mglyph><style></math><img src onerror="fetch('${t}/mxss-math')"></style></mglyph></form></mtext></math>
  <noscript><p title="</noscript><img src=x onerror=fetch('${t}/mxss-noscript')>"></noscript>
  <form action="${t}/form" method="post"><input name="a" autofocus onfocus="this.form.submit()"><button>Send</button></form>
  <iframe src="${t}/iframe"></iframe><iframe srcdoc="<img src='${t}/srcdoc'>"></iframe><frameset><frame src="${t}/frame"></frameset>
  <object data="${t}/object"></object><embed src="${t}/embed"><applet code="${t}/applet"></applet>
  <video src="${t}/video" poster="${t}/poster" autoplay></video><audio src="${t}/audio" autoplay></audio><input type="image" src="${t}/input">
  <picture><source srcset="${t}/srcset"><img src="${t}/picture"></picture><img srcset="${t}/img-srcset 1x" alt="set">
  <img src="${t}/pixel.gif" width="1" height="1"><img src="//${t.replace(/^\w+:\/\//, '')}/no-scheme.gif"><img lowsrc="${t}/lowsrc" dynsrc="${t}/dynsrc">
  <a href="javascript:fetch('${t}/javascript')">script link</a> <a href="data:text/html,<script>fetch('${t}/data')</script>">data link</a>
  <a href="vbscript:x">vb</a> <a href="${t}/link" ping="${t}/ping" target="_top">good link</a>
  <details open ontoggle="fetch('${t}/toggle')">details</details><marquee onstart="fetch('${t}/marquee')">m</marquee>
  <img src="data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><image href="${t}/svg-data"/></svg>`).toString('base64')}">
  <template><img src="${t}/template"></template><textarea></textarea><plaintext>end of attacks`;

test('no mail runs anything or tells anybody that it was looked at', async ({ team }) => {
  const called: string[] = [];
  const tracker = createServer((request, response) => {
    called.push(request.url ?? '');
    response.setHeader('Access-Control-Allow-Origin', '*').end();
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => tracker.once('listening', ready));
  const t = `http://127.0.0.1:${(tracker.address() as AddressInfo).port}`;
  try {
    const port = await withMail(team);
    const ana = await team.app('Ana Torres');
    const { page } = ana;
    // Over https nobody listens here: what would be asked for is seen by the browser itself.
    const asked: string[] = [];
    await page.context().route(/^https:/, (route) => (asked.push(route.request().url()), route.abort()));
    const opened: string[] = [];
    page.context().on('page', (p) => opened.push(p.url()));
    const errors: string[] = [];
    page.on('dialog', (d) => (errors.push(d.message()), void d.dismiss()));
    await bring(port, 'dana@helio.example', head('Attack', 'a') + html(`<p>Start</p>${attacks(t)}`));
    await bring(
      port,
      'dana@helio.example',
      head('Attack by https', 'b') + html(`<p>Start</p>${attacks('https://t.invalid')}`),
    );

    for (const name of ['Attack by https', 'Attack']) {
      await ana.go('Open conversations');
      await ana.list
        .getByRole('button')
        .filter({ has: page.getByText(name, { exact: true }) })
        .click();
      await ana.messages.getByRole('button', { name: /Show (original|quoted text)/ }).click();
      const dialog = page.getByRole('dialog', { name, exact: true });
      const frame = dialog.frameLocator('iframe');
      await expect(frame.getByText('Start')).toBeVisible();
      await expect(frame.getByText('end of attacks')).toBeAttached();
      await expect(
        frame.locator('script, form, input, iframe, object, embed, svg, meta[http-equiv], link, base'),
      ).toHaveCount(0);
      // What would run or load has had its time.
      await page.waitForLoadState('networkidle');
      await frame.getByText('script link').click();
      await frame.getByText('data link').click();
      expect(await dialog.locator('iframe').getAttribute('sandbox')).toBe(
        'allow-popups allow-popups-to-escape-sandbox',
      );
      // The frame has no origin: the window's own scripts can't reach into it, nor it into the window.
      expect(await page.evaluate(() => document.querySelector('iframe')!.contentDocument)).toBeNull();
      expect([called, asked, opened, errors]).toEqual([[], [], [], []]);
      if (name === 'Attack') {
        const popup = page.waitForEvent('popup');
        await frame.getByText('good link').click();
        await (await popup).waitForURL(`${t}/link`);
        expect(called.filter((path) => path !== '/favicon.ico')).toEqual(['/link']);
        opened.length = 0;
      }
      if (name === 'Attack by https') {
        await dialog.getByRole('button', { name: 'Show remote images' }).click();
        await expect.poll(() => asked.length).toBeGreaterThan(0);
        await page.waitForLoadState('networkidle');
        expect([...new Set(asked)].sort()).toEqual(['https://t.invalid/picture', 'https://t.invalid/pixel.gif']);
        expect([called, opened]).toEqual([[], []]);
        asked.length = 0;
      }
      await ana.closeDialog();
    }
  } finally {
    tracker.close();
  }
});
