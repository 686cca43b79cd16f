import { field, MailServers } from './mail';
import { addSite, chatFrame, pressLauncher, Shop, signed, Widget } from './shop';
import { expect, test, type Team } from './team';

/** The team's server sends by a real mail server, and fetches from a real mailbox. */
async function withMail(team: Team, servers: MailServers): Promise<void> {
  await team.kill();
  team.flags = ['--smtp', `smtp://${servers.smtp}`, '--mail-from', 'Acme <support@recado.test>'];
  team.flags.push('--reply-domain', 'recado.test', '--imap', servers.imap('reply'));
  await team.start();
  await team.addUser('Olga Admin', 'admin');
}

/** Answers a mail from a mail program. */
async function answer(servers: MailServers, mail: string, from: string, text: string): Promise<void> {
  const to = /<?(reply\+[^>\s]+)>?/.exec(field(mail, 'Reply-To'))![1]!;
  const lines = [`From: Marta <${from}>`, `To: ${to}`, `Subject: Re: ${field(mail, 'Subject')}`];
  lines.push(
    `In-Reply-To: ${field(mail, 'Message-ID')}`,
    `Message-ID: <${Date.now()}@helio.example>`,
    'MIME-Version: 1.0',
  );
  lines.push('Content-Type: text/plain; charset=utf-8', '', text, '', '> They cost 20 each.', '');
  await servers.send(from, to, lines.join('\r\n'));
}

test('who left the chat gets the answer by mail, answers from there, and finds it all on coming back', async ({
  team,
  browser,
}) => {
  const servers = await MailServers.start();
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  let shop: Shop | undefined;
  try {
    await withMail(team, servers);
    // Nobody is there at any hour: an answer comes by mail.
    shop = await Shop.open(team.address, await addSite(team, { hours: { zone: 'Europe/Madrid' } }), {
      lang: 'es',
    });
    const ana = await team.app('Ana Torres');
    const marta = await Widget.on(context, shop.url);
    await expect(marta.frame.getByText('correo').first()).toBeVisible();
    await marta.write('¿Cuánto cuestan las lámparas?');
    // On a phone it fills the screen.
    const box = (await (await chatFrame(marta.page)!.frameElement()).boundingBox())!;
    expect([box.x, box.y, box.width, box.height]).toEqual([0, 0, 390, 844]);
    await expect(marta.frame.getByText('¿Dónde te encontramos si te vas?')).toBeVisible();
    await marta.page.screenshot({ path: 'test-results/widget-phone-es.png' });
    await marta.accessible();
    await marta.frame.getByLabel('Tu nombre').fill('Marta');
    await marta.frame.getByLabel('Tu correo electrónico').fill('marta@recado.test');
    await marta.frame.getByRole('button', { name: 'Guardar' }).click();
    await expect(marta.note).toContainText('marta@recado.test');
    await marta.page.goto('about:blank');

    await ana.open('Open conversations', 'Marta');
    await ana.send('They cost 20 each.');
    await expect.poll(() => servers.mailbox('marta'), { timeout: 60_000 }).toHaveLength(1);
    const [mail] = await servers.mailbox('marta');
    expect(mail).toContain('They cost 20 each.');
    await answer(servers, mail!, 'marta@recado.test', 'Me llevo dos.');
    const came = ana.message('Me llevo dos.');
    await expect(came).toBeVisible({ timeout: 30_000 });
    await expect(came).not.toContainText('20 each');
    await expect(ana.messages.getByRole('article')).toHaveCount(3);

    // Somebody else who got hold of the mail is not her.
    await answer(servers, mail!, 'eve@recado.test', 'Envíenlas a mi casa.');
    await expect(ana.message('Envíenlas')).toContainText('unverified', { timeout: 30_000 });

    const page = await context.newPage();
    await page.goto(shop.url);
    await expect.poll(() => chatFrame(page)).toBeTruthy(); // a chat was begun here
    await pressLauncher(page);
    const frame = chatFrame(page)!;
    for (const text of ['¿Cuánto cuestan las lámparas?', 'They cost 20 each.', 'Me llevo dos.']) {
      await expect(frame.getByRole('article').filter({ hasText: text })).toHaveCount(1);
    }
    await expect(frame.getByRole('article').filter({ hasText: 'Me llevo dos.' })).toHaveClass(/mine/);
    await page.screenshot({ path: 'test-results/widget-phone-back.png' });
  } finally {
    await context.close();
    shop?.close();
    await servers.stop();
  }
});

test('a person the site has signed for answers by mail as themselves, and has their chat in another browser', async ({
  team,
  browser,
}) => {
  const servers = await MailServers.start();
  const contexts = [await browser.newContext(), await browser.newContext()] as const;
  let shop: Shop | undefined;
  try {
    await withMail(team, servers);
    const site = await addSite(team, { identity: 'required' });
    shop = await Shop.open(team.address, site, { data: signed(site, 'dana@recado.test', 'Dana Kim') });
    const ana = await team.app('Ana Torres');
    const dana = await Widget.on(contexts[0], shop.url);
    await dana.write('My invoice is wrong.');
    await ana.open('Open conversations', 'Dana Kim');
    await expect(ana.message('My invoice is wrong.')).not.toContainText('unverified');
    await dana.page.goto('about:blank');
    await expect(ana.page.getByRole('complementary', { name: 'People and files' })).toContainText('e-mail', {
      timeout: 60_000,
    });
    await ana.send('They cost 20 each.');
    await expect.poll(() => servers.mailbox('dana'), { timeout: 60_000 }).toHaveLength(1);
    await answer(servers, (await servers.mailbox('dana'))[0]!, 'dana@recado.test', 'Thank you for the answer.');
    await expect(ana.message('Thank you for the answer.')).toBeVisible({ timeout: 30_000 });
    await expect(ana.message('Thank you for the answer.')).not.toContainText('unverified');

    const elsewhere = await Widget.on(contexts[1], shop.url);
    await expect(elsewhere.messages).toHaveCount(3);
    expect(await elsewhere.texts()).toEqual([
      'My invoice is wrong.',
      'They cost 20 each.',
      'Thank you for the answer.',
    ]);
  } finally {
    for (const context of contexts) await context.close();
    shop?.close();
    await servers.stop();
  }
});

test('files and pasted pictures go both ways, and the keyboard is enough', async ({ team, browser }) => {
  await team.addUser('Olga Admin', 'admin');
  const shop = await Shop.open(team.address, await addSite(team));
  const context = await browser.newContext({ viewport: { width: 900, height: 720 } });
  try {
    const ana = await team.app('Ana Torres');
    const page = await context.newPage();
    await page.goto(shop.url);
    await page.keyboard.press('Tab'); // the launcher is the first that can be reached
    await page.keyboard.press('Enter');
    await expect.poll(() => chatFrame(page)?.url()).toContain('/chat/frame');
    const frame = chatFrame(page)!;
    const field = frame.getByRole('textbox', { name: 'Write a message' });
    await expect(field).toBeFocused();
    await page.keyboard.type('Look at this.');
    await field.evaluate(async (node) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 60, height: 40 });
      const brush = canvas.getContext('2d')!;
      brush.fillStyle = '#0b7285';
      brush.fillRect(0, 0, 60, 40);
      const blob = await new Promise<Blob>((resolve) => canvas.toBlob((b) => resolve(b!), 'image/png'));
      const data = new DataTransfer();
      data.items.add(new File([blob], 'lamp.png', { type: 'image/png' }));
      node.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await expect(frame.getByRole('button', { name: 'Remove lamp.png' })).toBeVisible();
    await page.screenshot({ path: 'test-results/widget-picture.png' });
    await page.keyboard.press('Enter');
    await expect(frame.getByRole('article').filter({ hasText: 'Look at this.' })).toHaveCount(1);
    await ana.open('Open conversations', 'Look at this.');
    await expect(ana.message('Look at this.').getByRole('img', { name: 'lamp.png' })).toBeVisible();
    await ana.page
      .locator('input[type=file]')
      .setInputFiles({ name: 'manual.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n') });
    await ana.send('Here is the manual.');
    const download = page.waitForEvent('download');
    await frame.getByRole('button', { name: 'manual.pdf' }).click();
    expect((await download).suggestedFilename()).toBe('manual.pdf');
    await field.focus();
    await page.keyboard.press('Escape');
    await expect.poll(() => frame.evaluate(() => document.hasFocus())).toBe(false);
    await page.keyboard.press('Enter'); // the launcher has the focus again
    await expect(field).toBeFocused();
  } finally {
    await context.close();
    shop.close();
  }
});
