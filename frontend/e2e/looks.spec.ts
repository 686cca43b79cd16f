import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './team';

/** What axe finds of serious or critical, as sentences with the places. */
async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(' ')}`);
}

for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious in ${scheme}`, async ({ team, openApp }) => {
    const guest = await openApp('guest');
    await guest.page.emulateMedia({ colorScheme: scheme });
    await expect(guest.page.getByRole('heading', { name: 'Welcome to Recado' })).toBeVisible();
    expect(await barriers(guest.page), 'welcome').toEqual([]);
    await guest.page.getByRole('button', { name: 'Connect to a server' }).click();
    expect(await barriers(guest.page), 'sign in').toEqual([]);

    const ana = await team.app('Ana Torres');
    await ana.page.emulateMedia({ colorScheme: scheme });
    const bright = () =>
      ana.page.evaluate(() => Number(/\d+/.exec(getComputedStyle(document.body).backgroundColor)![0]) > 128);
    await expect.poll(bright, scheme).toBe(scheme === 'light');
    expect(await barriers(ana.page), 'empty inbox').toEqual([]);

    await ana.createConversation('Good morning.', 'Luis Vega');
    await ana.send('With **bold**, `code` and https://example.com');
    await expect(ana.message('With bold, code and https://example.com')).toBeVisible();
    await expect(ana.statusBar).toContainText('0 in the outbox');
    expect(await barriers(ana.page), 'thread').toEqual([]);
    await ana.go('Contacts');
    expect(await barriers(ana.page), 'contacts').toEqual([]);
    await ana.search('bold');
    await expect(ana.page.getByRole('option')).not.toHaveCount(0);
    expect(await barriers(ana.page), 'search').toEqual([]);
    await ana.closeDialog();
    await ana.page.getByRole('button', { name: 'Settings' }).click();
    await expect(ana.page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
    expect(await barriers(ana.page), 'settings').toEqual([]);
    await ana.closeDialog();
    await ana.write();
    await ana.addPerson('mar', 'Marta Ruiz');
    await ana.composer.pressSequentially('@l');
    await expect(ana.page.getByRole('option', { name: 'Luis Vega' })).toBeVisible();
    expect(await barriers(ana.page), 'new conversation').toEqual([]);
  });
}

test('the app speaks Spanish, and still does after a restart', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  await ana.page.getByRole('button', { name: 'Settings' }).click();
  await ana.page.getByLabel('Language').selectOption('es');
  await expect(ana.page.getByRole('dialog', { name: 'Ajustes' })).toBeVisible();
  await ana.page.getByRole('dialog').getByRole('button', { name: 'Cerrar' }).click();
  await ana.stop();
  await ana.start();

  await ana.page.getByRole('button', { name: 'Añadir', exact: true }).click();
  await ana.page.getByRole('menuitem', { name: 'Conversación con usuario' }).click();
  await expect(ana.page.getByRole('heading', { name: 'Nueva conversación' })).toBeVisible();
  await expect(ana.page.locator('html')).toHaveAttribute('lang', /^es/);
});

test('the keyboard is enough', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  const { keyboard } = ana.page;
  await ana.page.getByRole('button', { name: 'Add', exact: true }).focus();
  await keyboard.press('Enter');
  await expect(ana.page.getByRole('menuitem', { name: 'Conversation with user' })).toBeFocused();
  await keyboard.press('Enter');
  await expect(ana.page.getByRole('combobox', { name: 'Add people' })).toBeFocused();
  await keyboard.type('luis');
  await keyboard.press('Enter');
  await expect(ana.page.getByRole('button', { name: 'Remove Luis Vega' })).toBeVisible();
  await ana.composer.focus();
  await keyboard.type('No mouse was needed.');
  await keyboard.press('Control+Enter');
  await expect(luis.row('No mouse was needed.')).toBeVisible();
});
