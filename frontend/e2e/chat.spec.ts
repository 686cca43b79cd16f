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
  await luis.message('Is the lamp in stock?').hover();
  await luis.page.getByRole('button', { name: 'Why was I notified, or not?' }).click();
  await expect(luis.page.getByRole('dialog')).toContainText('No bubble');
  await luis.closeDialog();

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
