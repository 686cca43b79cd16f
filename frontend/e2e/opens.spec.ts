import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './team';
import { Visitor } from './visitor';

async function looks(page: Page, name: string): Promise<void> {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
}

test('what a first message opens is said of a site and of an address, and a chat becomes a ticket', async ({
  team,
}) => {
  await team.kill();
  team.flags = ['--public-url', 'https://desk.example', '--mail-from', 'Acme <support@acme.example>'];
  await team.start();
  await team.addUser('Olga Admin', 'admin');
  const { page } = await team.app('Olga Admin');

  await page.getByRole('button', { name: /^Settings:/ }).click();
  await page.getByRole('button', { name: 'Web sites with the live chat' }).click();
  const sites = page.getByRole('dialog', { name: 'Live chat' });
  await sites.getByRole('button', { name: 'Add a web site' }).click();
  await sites.getByLabel('Name').fill('Shop');
  await sites.getByLabel('A first message opens').selectOption('ticket');
  await looks(page, 'opens-site');
  await sites.getByRole('button', { name: 'Save' }).click();
  const line = sites.getByLabel('Put this line into its pages:');
  await expect(line).toHaveValue(/src="https:\/\/desk\.example\/widget\.js"/);
  const id = /data-site="([^"]+)"/.exec(await line.inputValue())![1]!;
  await sites.getByRole('button', { name: 'Close' }).click();

  await page.getByRole('button', { name: /^Settings:/ }).click();
  await page.getByRole('button', { name: 'Addresses, servers and a test' }).click();
  const mail = page.getByRole('dialog', { name: 'Team mail' });
  const opens = mail.getByRole('region', { name: 'What a first mail opens' });
  await opens.getByLabel('support@acme.example').selectOption('ticket');
  await opens.getByLabel('Another address, by its tag').fill('repairs');
  await opens.getByRole('button', { name: 'Add' }).click();
  await expect(opens.getByLabel('support+repairs@acme.example')).toHaveValue('ticket');
  await looks(page, 'opens-mail');
  await opens.getByRole('button', { name: 'As the team’s address' }).click();
  await expect(opens.getByLabel('support+repairs@acme.example')).toBeHidden();
  expect(await team.ask('Olga Admin', '/mail/addresses')).toEqual({
    items: [{ address: 'support@acme.example', opens: 'ticket' }],
  });
  await mail.getByRole('button', { name: 'Close' }).click();

  const marta = await Visitor.arrive(team.address, id, { name: 'Marta Vidal' });
  await marta.write('My lamp is broken');
  await page.getByRole('button', { name: /^Tickets/ }).click();
  await expect(page.getByText('My lamp is broken').first()).toBeVisible();
  await looks(page, 'opens-ticket');
});
