import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './team';

async function looksRight(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `test-results/answers-${name}.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
}

test('a canned answer is made by one, used by another with / and without the server, its names filled in', async ({
  team,
}) => {
  await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Dana Kim', email: 'dana@helio.example' });
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  const { page } = ana;

  await page.getByRole('button', { name: /^Settings:/ }).click();
  await page.getByRole('button', { name: 'Texts for all' }).click();
  const dialog = page.getByRole('dialog', { name: 'Canned answers' });
  await dialog.getByRole('button', { name: 'Add an answer' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('Refund sent');
  await dialog.getByLabel('Text', { exact: true }).fill('Hello , it is on its way. Ticket {number}.\n');
  await dialog.getByLabel('Text', { exact: true }).evaluate((t: HTMLTextAreaElement) => t.setSelectionRange(6, 6));
  await dialog.getByRole('button', { name: 'Customer’s first name' }).click();
  await expect(dialog.getByLabel('Text', { exact: true })).toHaveValue(/^Hello \{customer\.first\}, it/);
  await looksRight(page, 'form');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('list', { name: 'Canned answers' })).toContainText('Ana Torres');
  await dialog.getByRole('button', { name: 'Add an answer' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('refund SENT');
  await dialog.getByLabel('Text', { exact: true }).fill('x');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('of this name already');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await looksRight(page, `list-${scheme}`);
  }

  // The other has it at once, and keeps it when the server is gone.
  await luis.page.getByRole('button', { name: 'Add', exact: true }).click();
  await luis.page.getByRole('menuitem', { name: 'Conversation with customer' }).click();
  await luis.addPerson('Da', 'Dana Kim');
  await luis.composer.pressSequentially('/');
  await expect(luis.page.getByRole('option', { name: /Refund sent/ })).toBeVisible();
  await team.kill();
  await expect(luis.status).toContainText('Offline');
  await luis.composer.pressSequentially('ref');
  await expect(luis.composer).toHaveAttribute('aria-activedescendant', /-answers-0$/);
  await looksRight(luis.page, 'options');
  await luis.composer.press('Enter');
  await expect(luis.composer).toHaveValue('Hello Dana, it is on its way. Ticket {number}.\n');
  // What is left to fill in is selected: what is typed takes its place.
  await luis.page.keyboard.type('7');
  await expect(luis.composer).toHaveValue('Hello Dana, it is on its way. Ticket 7.\n');
  await luis.composer.press('ControlOrMeta+z');
  await luis.composer.fill('either/or');
  await expect(luis.page.getByRole('listbox', { name: 'Canned answers' })).toHaveCount(0);
});
