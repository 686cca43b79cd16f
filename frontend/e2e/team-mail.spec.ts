import AxeBuilder from '@axe-core/playwright';
import { MailServers } from './mail';
import { expect, test } from './team';

test('the page of the team’s mail tells how it does, and a test really leaves and comes in', async ({ team }) => {
  const servers = await MailServers.start();
  try {
    await team.kill();
    team.flags = ['--smtp', `smtp://${servers.smtp}`, '--mail-from', 'Acme <reply@recado.test>'];
    team.flags.push('--reply-domain', 'recado.test', '--imap', servers.imap('reply'));
    await team.start();
    await team.addUser('Nora Paz', 'admin');
    const { page } = await team.app('Nora Paz');
    await page.getByRole('button', { name: /^Settings:/ }).click();
    await page.getByRole('button', { name: 'Addresses, servers and a test' }).click();
    const dialog = page.getByRole('dialog', { name: 'Team mail' });
    await expect(dialog.getByText('"Acme" <reply@recado.test>')).toBeVisible();
    await expect(dialog.getByRole('region', { name: 'Incoming' })).toContainText('Works');
    await dialog.getByRole('button', { name: 'Send a test' }).click();
    for (const way of ['To the team’s address', 'To an address for answers']) {
      await expect(dialog.getByRole('listitem').filter({ hasText: way })).toContainText('Came in after', {
        timeout: 30_000,
      });
    }
    await expect(dialog.getByRole('region', { name: 'Outgoing' })).toContainText('Works');
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: `test-results/team-mail-${scheme}.png` });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
    }
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByRole('button', { name: /^Held mail/ })).toBeHidden();

    await servers.stop();
    await page.getByRole('button', { name: /^Settings:/ }).click();
    await page.getByRole('button', { name: 'Addresses, servers and a test' }).click();
    await expect(async () => {
      // Too soon after the one before for a few seconds; and what has a connection still may take one more.
      await dialog.getByRole('button', { name: 'Send a test' }).click();
      for (const step of [0, 1]) {
        await expect(dialog.getByRole('listitem').nth(step)).toContainText('did not take it', { timeout: 1_000 });
      }
    }).toPass();
    await expect(dialog.getByRole('region', { name: 'Outgoing' })).toContainText('Does not work since');
    await expect(dialog.getByRole('region', { name: 'Incoming' })).toContainText('Does not work since');
    await page.screenshot({ path: 'test-results/team-mail-failing.png' });
  } finally {
    await servers.stop().catch(() => {});
  }
});
