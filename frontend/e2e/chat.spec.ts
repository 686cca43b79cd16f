import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './team';
import { Visitor } from './visitor';

async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
}

async function picture(page: Page, name: string): Promise<void> {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
}

test('a visitor of a web site is answered by two agents, and found to be a customer', async ({ team }) => {
  await team.addUser('Olga Admin', 'admin');
  const made = await team.call('Olga Admin', '/sites', { name: 'Shop' });
  const site = (await made.json()) as { id: string };
  await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Dana Kim', email: 'dana@helio.example' });
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await luis.page.getByRole('button', { name: /^Settings:/ }).click();
  await luis.page.getByLabel('Notifications').selectOption('none');
  await luis.closeDialog();

  const marta = await Visitor.arrive(team.address, site.id, { name: 'Marta Vidal' });
  await marta.connect();
  await marta.browse('https://shop.example/cart?token=secret', 'Your cart');
  await marta.write('Is the lamp in stock?');

  await ana.go('Open conversations');
  const row = ana.row('Marta Vidal');
  await expect(row).toContainText('in chat');
  await expect(row).toContainText('unverified');
  await row.getByRole('button').click();
  await expect(ana.message('Is the lamp in stock?')).toContainText('unverified');
  const aside = ana.page.getByRole('complementary', { name: 'People and files' });
  await expect(aside).toContainText('Your cart');
  await expect(aside).toContainText('shop.example/cart');
  await expect(aside).not.toContainText('secret');
  await expect(aside).toContainText('Firefox, Linux');
  await expect(aside).toContainText('Spanish');
  await expect(ana.page.getByText('Marta live chat, connected')).toBeVisible();
  await marta.type();
  await expect(ana.page.getByText('Marta is writing…')).toBeVisible();

  // It is everybody's, and each one's own settings decide on a bubble.
  await luis.open('Open conversations', 'Marta Vidal');
  await expect(async () => {
    await luis.message('Is the lamp in stock?').hover();
    await luis.page.getByRole('button', { name: 'Why was I notified, or not?' }).click();
    const told = luis.page.getByRole('dialog');
    await expect(told).toContainText('On this computer');
    const text = await told.textContent();
    await luis.closeDialog();
    expect(text).toContain('No bubble');
  }).toPass({ timeout: 20_000 });

  await ana.send('Yes, two of them.');
  const answer = ana.message('Yes, two of them.');
  await expect(answer).toContainText('Marta Vidal · in the live chat');
  await expect(answer).toContainText('Marta Vidal · no e-mail: told no address');
  await expect(luis.message('Yes, two of them.')).toBeVisible();
  for (const scheme of ['light', 'dark'] as const) {
    await ana.page.emulateMedia({ colorScheme: scheme });
    await picture(ana.page, `chat-${scheme}`);
    await accessible(ana.page);
  }
  await marta.see(2);
  await expect(answer).toContainText('seen in the chat');

  await aside.getByRole('button', { name: 'Is this a customer?' }).click();
  await ana.page.getByRole('combobox', { name: 'Find a customer' }).pressSequentially('dana');
  await picture(ana.page, 'chat-merge-search');
  await ana.page.getByRole('option', { name: /Dana Kim/ }).click();
  const question = ana.page.getByRole('dialog', { name: 'Marta Vidal is Dana Kim?' });
  await expect(question).toContainText('Dana Kim will stand in this conversation with its whole history');
  await picture(ana.page, 'chat-merge');
  await accessible(ana.page);
  await question.getByRole('button', { name: 'It is Dana Kim' }).click();
  await expect(aside.getByRole('button', { name: 'Dana Kim', exact: true })).toBeVisible();
  await expect(aside).toContainText('is Dana Kim');
  await expect(luis.message('Is the lamp in stock?')).toContainText('is Dana Kim');
  await picture(ana.page, 'chat-merged');

  // Whoever has left counts as connected for a while, and then no longer.
  marta.leave();
  await expect(ana.row('Marta Vidal')).not.toContainText('in chat', { timeout: 40_000 });
  await expect(ana.page.getByText('Marta live chat, connected')).toHaveCount(0);
});

test('an administrator adds a web site, and agents see it', async ({ team }) => {
  await team.addUser('Olga Admin', 'admin');
  const olga = await team.app('Olga Admin');
  const { page } = olga;
  await page.getByRole('button', { name: /^Settings:/ }).click();
  await page.getByRole('button', { name: 'Web sites with the live chat' }).click();
  const dialog = page.getByRole('dialog', { name: 'Live chat' });
  await expect(dialog).toContainText('No web site has the live chat yet.');
  await dialog.getByRole('button', { name: 'Add a web site' }).click();
  await dialog.getByLabel('Name').fill('Shop');
  await dialog.getByLabel(/^Addresses/).fill('not an address');
  await dialog.getByLabel('Greeting in English').fill('Hello! How can we help?');
  await dialog.getByLabel(/^Only at these hours/).check();
  await dialog.getByLabel('Saturday').fill('ten to two');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('Saturday: hours look like');
  await dialog.getByLabel('Saturday').fill('10:00-14:00');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await dialog.getByLabel(/^Addresses/).fill('https://shop.example');
  await picture(page, 'sites-form');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByLabel(/It is shown this once/)).not.toHaveValue('');
  await expect(dialog.getByLabel('Put this line into its pages:')).toHaveValue(/widget\.js" data-site="[\w-]{36}"/);
  await picture(page, 'sites');
  await accessible(page);
  const secret = await dialog.getByLabel(/It is shown this once/).inputValue();
  await dialog.getByRole('button', { name: 'Another secret' }).click();
  await page
    .getByRole('dialog', { name: 'Another secret for Shop?' })
    .getByRole('button', { name: 'Another secret' })
    .click();
  await expect(dialog.getByLabel(/It is shown this once/)).not.toHaveValue(secret);
  await dialog.getByRole('button', { name: 'Switch off' }).click();
  await expect(dialog.getByRole('listitem')).toContainText('switched off');
  await dialog.getByRole('button', { name: 'Close' }).click();

  const ana = await team.app('Ana Torres');
  await ana.page.getByRole('button', { name: /^Settings:/ }).click();
  await ana.page.getByRole('button', { name: 'Web sites with the live chat' }).click();
  const seen = ana.page.getByRole('dialog', { name: 'Live chat' });
  await expect(seen.getByRole('listitem')).toContainText('Shop');
  await expect(seen).toContainText('Administrators change these.');
  await expect(seen.getByRole('button', { name: 'Change' })).toHaveCount(0);
  await expect(seen.getByLabel(/It is shown this once/)).toHaveCount(0);
});
