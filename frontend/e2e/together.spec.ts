import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './team';

test('two who would answer the same customer see each other, and are told what was written meanwhile', async ({
  team,
}) => {
  await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Dana Kim', email: 'dana@helio.example' });
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await ana.page.getByRole('button', { name: 'Add', exact: true }).click();
  await ana.page.getByRole('menuitem', { name: 'Conversation with customer' }).click();
  await ana.addPerson('Da', 'Dana Kim');
  await ana.composer.fill('Hello Dana');
  await ana.create.click();
  await luis.open('Open conversations', 'Dana Kim');
  await expect(luis.page.getByText('Ana is looking at this')).toBeVisible();
  await expect(ana.page.getByText('Luis is looking at this')).toBeVisible();

  await ana.composer.pressSequentially('We will send it');
  await luis.send('It left this morning.');
  await expect(ana.message('It left this morning.')).toBeVisible();
  await ana.composer.press('Enter');
  const dialog = ana.page.getByRole('dialog', { name: 'Luis wrote meanwhile' });
  await expect(dialog).toContainText('It left this morning.');
  await ana.page.screenshot({ path: 'test-results/together-crossed.png' });
  const { violations } = await new AxeBuilder({ page: ana.page }).analyze();
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
  await dialog.getByRole('button', { name: 'Look first' }).click();
  await expect(ana.composer).toHaveValue('We will send it');
  await expect(luis.message('We will send it')).toHaveCount(0);
  // Who has looked is not asked again.
  await ana.composer.press('Enter');
  await expect(luis.message('We will send it')).toBeVisible();

  await ana.composer.pressSequentially('By the afternoon');
  await luis.send('By noon.');
  await expect(ana.message('By noon.')).toBeVisible();
  await ana.composer.press('Enter');
  await expect(dialog).toContainText('By noon.');
  await expect(async () => {
    // An Enter that comes with the first is not taken for an answer.
    await ana.page.keyboard.press('Enter');
    await expect(dialog).toBeHidden({ timeout: 500 });
  }).toPass();
  await expect(luis.message('By the afternoon')).toBeVisible();

  // Nothing was written since: nothing is asked.
  await ana.send('And a second one');
  await expect(luis.message('And a second one')).toBeVisible();
  await luis.go('Internal inbox');
  await luis.page.keyboard.press('Escape');
  await luis.page.keyboard.press('Escape');
  await expect(ana.page.getByText('Luis is looking at this')).toBeHidden();
});
