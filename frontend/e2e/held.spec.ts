import AxeBuilder from '@axe-core/playwright';
import { MailServers } from './mail';
import { expect, test } from './team';

function automatic(subject: string, from: string): string {
  const head = [
    `From: ${from}`,
    'To: support@recado.test',
    `Subject: ${subject}`,
    `Message-ID: <${subject}@shop.example>`,
  ];
  head.push('Auto-Submitted: auto-generated', 'Date: Mon, 23 Nov 2026 10:00:00 +0100', '', `Text of ${subject}.`, '');
  return head
    .join('\r\n')
    .replaceAll('<Order 7@', '<order-7@')
    .replaceAll('<Order 8@', '<order-8@')
    .replaceAll('<Order 9@', '<order-9@');
}

test('held mails are accepted, discarded, taken back and assigned, and everybody sees it at once', async ({ team }) => {
  const servers = await MailServers.start();
  try {
    await team.kill();
    team.flags = ['--smtp', `smtp://${servers.smtp}`, '--mail-from', 'Acme <support@recado.test>'];
    team.flags.push('--reply-domain', 'recado.test', '--imap', servers.imap('support'));
    await team.start();
    await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Dana Kim', email: 'dana@recado.test' });
    const ana = await team.app('Ana Torres');
    const luis = await team.app('Luis Vega');
    for (const n of [7, 8, 9]) {
      await servers.send(
        'eva@shop.example',
        'support@recado.test',
        automatic(`Order ${n}`, 'Eva Sol <eva@shop.example>'),
      );
    }
    const views = ana.page.getByRole('navigation', { name: 'Views' });
    await views.getByRole('button', { name: /^Held mail ?, 3/ }).click({ timeout: 60_000 });
    await luis.page.getByRole('button', { name: /^Held mail ?, 3/ }).click();
    const mine = ana.page.getByRole('list', { name: 'Held mail' });
    const theirs = luis.page.getByRole('list', { name: 'Held mail' });

    await mine.getByRole('button', { name: /Order 7/ }).click();
    await expect(ana.page.getByRole('heading', { level: 1, name: 'Order 7' })).toBeVisible();
    await expect(ana.page.getByText('Text of Order 7.')).toBeVisible();
    await expect(ana.page.getByText(/Eva Sol \(eva@shop\.example\) becomes a customer/)).toBeVisible();
    for (const scheme of ['light', 'dark'] as const) {
      await ana.page.emulateMedia({ colorScheme: scheme });
      await ana.page.screenshot({ path: `test-results/held-${scheme}.png` });
      const { violations } = await new AxeBuilder({ page: ana.page }).analyze();
      expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')).toEqual([]);
    }
    await ana.page.getByRole('button', { name: 'Accept' }).click();
    await expect(theirs.getByRole('button')).toHaveCount(2);
    await expect(ana.page.getByText('Accepted: “Order 7”.')).toBeVisible();
    await expect(mine.locator('[aria-current]')).toBeFocused();

    await mine.getByRole('button', { name: /Order 8/ }).click();
    await ana.page.getByRole('button', { name: 'Discard' }).click();
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
    await expect(theirs.getByRole('button')).toHaveCount(1);
    await ana.page.getByRole('button', { name: 'Undo' }).click();
    await expect(theirs.getByRole('button')).toHaveCount(2);

    await mine.getByRole('button', { name: /Order 9/ }).click();
    await ana.page.getByRole('button', { name: 'Assign…' }).click();
    await ana.page.getByRole('searchbox', { name: /Find a conversation/ }).fill('dana');
    await ana.page.screenshot({ path: 'test-results/held-assign.png' });
    await ana.page
      .getByRole('dialog')
      .getByRole('button', { name: /Dana Kim/ })
      .click();
    await expect(ana.page.getByText('Assigned: “Order 9”.')).toBeVisible();
    await ana.page.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(ana.message('Text of Order 9.')).toContainText('Dana Kim');
    await expect(theirs.getByRole('button')).toHaveCount(1);
    await team.kill();
    await expect(luis.status).toContainText('Offline');
    await theirs.getByRole('button').click();
    await expect(luis.page.getByRole('alert')).toContainText('needs the server');
    await team.start();
    await luis.reconnect();
    await expect(luis.page.getByText('Text of Order 8.')).toBeVisible();
  } finally {
    await servers.stop();
  }
});
