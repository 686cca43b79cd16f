import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './team';

const shot = async (page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: `test-results/items-${name}.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
};

test('a ticket is made, worked on by two, and written about on two sides that never mix', async ({ team, home }) => {
  await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Dana Kim', email: 'dana@helio.example' });
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  const { page } = ana;

  await page.getByRole('button', { name: 'Tickets' }).click();
  await expect(page.getByText('Tickets stand here')).toBeVisible();
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Ticket' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Invoice shows the wrong total');
  await page.getByRole('textbox', { name: 'Description' }).fill('Dana was **charged twice** for October.');
  await page.getByRole('combobox', { name: 'Assignee' }).last().selectOption({ label: 'Luis Vega' });
  await page.getByRole('combobox', { name: 'Tags' }).fill('billing');
  await page.getByRole('combobox', { name: 'Tags' }).press('Enter');
  await page.getByRole('combobox', { name: 'Add a follower' }).pressSequentially('Dana');
  await page.getByRole('option', { name: /Dana Kim/ }).click();
  await shot(page, 'new');
  await page.getByRole('button', { name: 'Create ticket' }).click();
  await expect(page.getByRole('heading', { level: 1, name: '#1 Invoice shows the wrong total' })).toBeVisible();

  // What customers read, and what they don't: two sides, two composers.
  const customers = page.getByRole('tab', { name: 'Customers will read this' });
  const teamOnly = page.getByRole('tab', { name: 'Team only' });
  await expect(customers).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByText('Dana by e-mail, now')).toBeVisible();
  await ana.composer.fill('A text for Dana');
  await teamOnly.click();
  await expect(ana.composer).toHaveValue('');
  await ana.composer.fill('Between us: it was our mistake.');
  await customers.click();
  await expect(ana.composer).toHaveValue('A text for Dana');
  await ana.composer.press('Control+Enter');
  await expect(ana.message('A text for Dana')).toBeVisible();
  await teamOnly.click();
  await expect(ana.composer).toHaveValue('Between us: it was our mistake.');
  await expect(ana.message('A text for Dana')).toBeHidden();
  await page.getByRole('button', { name: /^Send/ }).click();
  await expect(ana.message('Between us')).toBeVisible();
  await shot(page, 'team');
  await customers.click();
  await expect(ana.message('Between us')).toBeHidden();
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot(page, 'customers-dark');
  await page.emulateMedia({ colorScheme: 'light' });

  // The other agent has it all, live.
  await luis.page.getByRole('button', { name: 'Tickets' }).click();
  const row = luis.page.getByRole('list', { name: 'Tickets' }).getByRole('button', { name: /#1 Invoice/ });
  await expect(row).toContainText('billing');
  await expect(row).toContainText('2 unseen');
  await row.click();
  await expect(luis.page.getByRole('heading', { level: 1, name: /#1 Invoice/ })).toBeVisible();
  await expect(luis.page.getByText('charged twice')).toBeVisible();
  await luis.page.getByRole('tab', { name: 'Team only' }).click();
  await expect(luis.message('Between us')).toBeVisible();
  await luis.page.getByRole('main').getByRole('combobox', { name: 'State' }).selectOption({ label: 'Waiting' });
  await expect(page.getByRole('main').getByRole('combobox', { name: 'State' })).toHaveValue('waiting');
  await expect(page.getByRole('list', { name: 'Tickets' }).getByRole('button')).toContainText('Waiting');

  // The history says who did what.
  await page.getByRole('button', { name: 'History' }).click();
  await expect(page.getByRole('list', { name: 'History' })).toContainText('Luis Vega changed the state');
  await expect(page.getByRole('list', { name: 'History' })).toContainText('Open → Waiting');

  // It is found by its number.
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search' }).fill('#1');
  await page.getByRole('option', { name: /#1 Invoice/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: /#1 Invoice/ })).toBeVisible();

  // Nothing of the team left by mail.
  const { readdir, readFile } = await import('node:fs/promises');
  const outgoing = `${home}/server/outgoing-mail`;
  await expect
    .poll(async () => (await readdir(outgoing).catch(() => [])).filter((n) => n.endsWith('.eml')).length)
    .toBeGreaterThan(0);
  for (const name of (await readdir(outgoing)).filter((n) => n.endsWith('.eml'))) {
    const mail = await readFile(`${outgoing}/${name}`, 'utf8');
    if (mail.includes('dana@helio.example')) expect(mail).not.toMatch(/Between us|Invoice shows/);
  }
});

test('two change the same field: the later one is told, and what they typed is not lost', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await team.call('Ana Torres', '/items', { key: 'one', kind: 'task', title: 'Write the report' });
  for (const { page } of [ana, luis]) {
    await page.getByRole('button', { name: 'Tasks' }).click();
    await page.getByRole('button', { name: /#1 Write the report/ }).click();
    await page.getByRole('button', { name: 'Write a description' }).click();
  }
  const text = (page: Page) => page.getByRole('textbox', { name: 'Description' });
  await text(ana.page).fill('By Friday.');
  await text(luis.page).fill('By Monday.');
  await ana.page.getByRole('button', { name: 'Save' }).click();
  await expect(ana.page.getByText('By Friday.')).toBeVisible();
  await luis.page.getByRole('button', { name: 'Save' }).click();
  await expect(luis.page.getByRole('alert')).toBeVisible();
  await expect(text(luis.page)).toHaveValue('By Monday.');
  await luis.page.getByRole('button', { name: 'Cancel' }).click();
  await expect(luis.page.getByText('By Friday.')).toBeVisible();
});

test('a conversation with a customer becomes a ticket, and is let go again', async ({ team }) => {
  await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Dana Kim', email: 'dana@helio.example' });
  const ana = await team.app('Ana Torres');
  const { page } = ana;
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Conversation with customer' }).click();
  await ana.addPerson('Da', 'Dana Kim');
  await ana.composer.fill('Is the printer still broken?');
  await ana.create.click();
  await expect(ana.message('Is the printer')).toBeVisible();
  await page.getByRole('button', { name: 'Make a ticket of it' }).click();
  await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('Is the printer still broken?');
  await page.getByRole('button', { name: 'Create ticket' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /#1 Is the printer/ })).toBeVisible();
  await expect(ana.message('Is the printer')).toBeVisible();
  await ana.go('Open conversations');
  await expect(ana.row('#1 Is the printer')).toBeVisible();
  await shot(page, 'from-conversation');
  await page.getByRole('button', { name: 'Unlink the conversation' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink the conversation' }).click();
  await expect(ana.row('Dana Kim')).toBeVisible();
  await ana.row('Dana Kim').click();
  await page.getByRole('button', { name: 'Link to a ticket or task…' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /#1 Is the printer/ })
    .click();
  await expect(page.getByRole('heading', { level: 1, name: /#1 Is the printer/ })).toBeVisible();
});
