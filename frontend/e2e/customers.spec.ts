import AxeBuilder from '@axe-core/playwright';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './team';

test('a conversation with a customer made on the spot stands in Open conversations and leaves as a mail', async ({
  team,
  home,
}) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  const { page } = ana;

  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Conversation with customer' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Open conversations' })).toBeVisible();
  await expect(page.getByText('Customers will read this')).toBeVisible();
  await page.getByRole('combobox', { name: 'Add people' }).pressSequentially('@Dana Kim');
  await page.getByRole('option', { name: 'Add “Dana Kim” as a customer' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add customer' });
  await dialog.getByLabel('E-mail').fill('dana@helio.example');
  await dialog.getByRole('button', { name: 'Add customer' }).click();
  await expect(page.getByRole('button', { name: 'Remove Dana Kim' })).toBeVisible();
  await ana.addPerson('lu', 'Luis Vega');
  await expect(page.getByText('Dana by e-mail, now · Luis in the app, then e-mail')).toBeVisible();
  await ana.composer.fill('Hello Dana, the new price list is valid from 1 December.');
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/new-customer.png` });
  await ana.create.click();
  await expect(ana.message('Hello Dana')).toBeVisible();
  await expect(ana.row('Dana Kim')).toContainText('Hello Dana');

  // Somebody who does not stand in it sees it too; nobody finds it among what is internal.
  const marta = await team.app('Marta Ruiz');
  await marta.open('Open conversations', 'Dana Kim');
  await expect(marta.message('Hello Dana')).toBeVisible();
  await luis.go('Internal inbox');
  await expect(luis.list.getByRole('listitem')).toHaveCount(0);
  await luis.open('Open conversations', 'Dana Kim');
  await expect(luis.message('Hello Dana')).toBeVisible();

  // Without a mail server each mail is a file.
  const outgoing = join(home, 'server', 'outgoing-mail');
  await expect
    .poll(async () => (await readdir(outgoing).catch(() => [])).filter((name) => name.endsWith('.eml')).length)
    .toBe(1);
  const [mail] = await readdir(outgoing);
  expect(await readFile(join(outgoing, mail!), 'utf8')).toContain('dana@helio.example');
  const ledger = page.getByRole('region', { name: 'Who got your last message' });
  await expect(ledger).toContainText('Dana');
  await expect(ledger).toContainText('e-mailed');
  await expect(ledger).toContainText('seen');
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/customer-${scheme}.png` });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
  }
});

test('a conversation with a customer is closed and opened again, for everybody', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await ana.go('Contacts');
  await ana.page.getByRole('button', { name: 'Customers' }).click();
  await ana.page.getByRole('button', { name: 'Add customer' }).click();
  const dialog = ana.page.getByRole('dialog', { name: 'Add customer' });
  await dialog.getByLabel('Name').fill('Tom Berg');
  await dialog.getByLabel('E-mail').fill('tom@berg.example');
  await dialog.getByRole('button', { name: 'Add customer' }).click();
  await ana.page
    .getByRole('list', { name: 'Contacts' })
    .getByRole('button', { name: /Tom Berg/ })
    .click();
  await expect(ana.page.getByText('No conversations yet.')).toBeVisible();
  await ana.page.getByRole('button', { name: 'Write to Tom Berg' }).click();
  await ana.composer.fill('Your parcel is on its way.');
  await ana.create.click();
  await expect(ana.message('Your parcel')).toBeVisible();
  await luis.open('Open conversations', 'Tom Berg');

  await ana.page.getByRole('button', { name: 'Close conversation' }).click();
  await expect(luis.page.getByText('This conversation is closed.')).toBeVisible();
  await luis.go('Closed');
  await expect(luis.row('Tom Berg')).toBeVisible();
  await luis.page.getByRole('button', { name: 'Open again' }).click();
  await ana.go('Open conversations');
  await expect(ana.row('Tom Berg')).toBeVisible();
  await ana.go('Closed');
  await expect(ana.list.getByRole('listitem')).toHaveCount(0);
});

test('a mail that is planned can be stopped, and no customer is offered in a conversation of the team', async ({
  team,
}) => {
  const ana = await team.app('Ana Torres');
  await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Elif Baran', email: 'elif@example.org' });
  await ana.write();
  await ana.page.getByRole('combobox', { name: 'Add people' }).pressSequentially('eli');
  await expect(ana.page.getByRole('option')).toHaveCount(0);
  await ana.page.getByRole('combobox', { name: 'Add people' }).fill('');
  await ana.addPerson('mar', 'Marta Ruiz');
  await ana.composer.fill('Marta, are you there?');
  await ana.create.click();
  const ledger = ana.page.getByRole('region', { name: 'Who got your last message' });
  await expect(ledger).toContainText(/Marta\s*e-mail leaves in 0:/);
  await ledger.getByRole('button', { name: 'don’t' }).click();
  await expect(ledger).toContainText('no e-mail: stopped by hand');
});
