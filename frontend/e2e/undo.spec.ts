import AxeBuilder from '@axe-core/playwright';
import { readdir } from 'node:fs/promises';
import { expect, test } from './team';

test('what is sent to a customer can be undone for a while, and what was undone never left', async ({ team, home }) => {
  await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Dana Kim', email: 'dana@helio.example' });
  const ana = await team.app('Ana Torres');
  await ana.undoFor(20);
  const { page } = ana;
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Conversation with customer' }).click();
  await ana.addPerson('Da', 'Dana Kim');
  await ana.composer.fill('Too early');
  await ana.create.click();

  // A whole conversation comes back as the page it was written on.
  await expect(ana.message('Too early')).toContainText(/Leaves in (20|1\d) s/);
  await page.screenshot({ path: 'test-results/undo-new.png' });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
  await ana.message('Too early').getByRole('button', { name: 'undo' }).click();
  await expect(page.getByRole('heading', { name: 'New conversation' })).toBeVisible();
  await expect(ana.composer).toHaveValue('Too early');
  await expect(page.getByRole('button', { name: 'Remove Dana Kim' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect((await team.ask('Ana Torres', '/conversations?view=open')).items).toEqual([]);

  // It leaves by itself when nobody undoes it.
  await ana.undoFor(5);
  await ana.composer.fill('Now it is right');
  await ana.create.click();
  await expect(ana.message('Now it is right')).toContainText(/Leaves in \d s/);
  await expect(ana.message('Now it is right')).not.toContainText(/Leaves|Waiting/);
  expect((await team.ask('Ana Torres', '/conversations?view=open')).items).toHaveLength(1);

  // By the keyboard, in the composer: Ctrl+Z, and Escape.
  await ana.undoFor(20);
  for (const key of ['ControlOrMeta+z', 'Escape']) {
    await ana.composer.fill('Between us');
    await ana.composer.press('Enter');
    await expect(ana.message('Between us')).toContainText('Leaves in');
    await ana.composer.press(key);
    await expect(ana.composer).toHaveValue('Between us');
    await expect(ana.message('Between us')).toHaveCount(0);
  }

  // An app that is closed meanwhile sends it when it is opened again.
  await ana.composer.press('Enter');
  await expect(ana.message('Between us')).toContainText('Leaves in');
  await ana.stop();
  await ana.start();
  await expect(ana.status).toContainText('Connected');
  await ana.open('Open conversations', 'Dana Kim');
  await expect(ana.message('Between us')).not.toContainText(/Leaves|Waiting/);
  await expect
    .poll(async () => (await readdir(`${home}/server/outgoing-mail`).catch(() => [])).length)
    .toBeGreaterThan(0);

  await page.getByRole('button', { name: /^Settings:/ }).click();
  await expect(page.getByRole('combobox', { name: 'Undo sending to customers' })).toHaveValue('20');
  await page.screenshot({ path: 'test-results/undo-settings.png' });
});
