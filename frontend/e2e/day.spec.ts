import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './team';

test('an agent looks after conversations, puts one to sleep without a network, and finds who waits longest', async ({
  team,
}) => {
  for (const [name, email] of [
    ['Dana Kim', 'dana@helio.example'],
    ['Ravi Iyer', 'ravi@helio.example'],
  ]) {
    await team.call('Ana Torres', '/people', { kind: 'customer', name, email });
  }
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  const { page } = ana;
  for (const name of ['Dana Kim', 'Ravi Iyer']) {
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Conversation with customer' }).click();
    await ana.addPerson(name.slice(0, 3), name);
    await ana.composer.fill(`Hello ${name}`);
    await ana.create.click();
    await expect(ana.message(`Hello ${name}`)).toBeVisible();
  }
  const show = page.getByRole('combobox', { name: 'Show' });
  await page
    .getByRole('complementary')
    .getByRole('combobox', { name: 'Assignee' })
    .selectOption({ label: 'Luis Vega' });
  await luis.go('Open conversations');
  await luis.page.getByRole('combobox', { name: 'Show' }).selectOption({ label: 'Looked after by me' });
  await expect(luis.list.getByRole('listitem')).toHaveCount(1);
  await expect(luis.row('Ravi Iyer')).toBeVisible();
  await show.selectOption({ label: 'Unassigned' });
  await expect(ana.list.getByRole('listitem')).toHaveCount(1);
  await expect(ana.row('Dana Kim')).toBeVisible();
  await show.selectOption({ label: 'Longest waiting' });
  await expect(ana.list.getByRole('listitem')).toHaveCount(0);
  await expect(page.getByText('Nothing stands here.')).toBeVisible();
  await show.selectOption({ label: 'Newest first' });

  await team.kill();
  await expect(ana.status).toContainText('Offline');
  await ana.row('Dana Kim').getByRole('button').click();
  await page.getByRole('log', { name: 'Messages' }).focus();
  await page.keyboard.press('h');
  const dialog = page.getByRole('dialog', { name: 'Snooze' });
  await page.screenshot({ path: 'test-results/snooze.png' });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
  await dialog.getByRole('button', { name: 'Until an answer comes' }).click();
  await expect(page.getByText('Asleep until an answer comes.')).toBeVisible();
  await page.getByRole('button', { name: 'Snoozed' }).click();
  await expect(ana.row('Dana Kim')).toBeVisible();
  await page.screenshot({ path: 'test-results/snoozed.png' });
  await team.start();
  await expect(ana.status).toContainText('Connected', { timeout: 60_000 });
  await expect(ana.row('Dana Kim')).toBeVisible();
  await page.getByRole('button', { name: 'Wake' }).click();
  await expect(ana.list.getByRole('listitem')).toHaveCount(0);
});
