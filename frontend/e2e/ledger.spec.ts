import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from './team';

/** A mail server that knows of one address only that there is no such mailbox. */
async function mailServer(unknown: string) {
  const taken: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    let to = '';
    let data = false;
    let rest = '';
    socket.on('error', () => socket.destroy());
    socket.write('220 sink\r\n');
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data) {
          if (line !== '.') continue;
          data = false;
          taken.push(to);
          socket.write('250 taken\r\n');
          continue;
        }
        const verb = line.slice(0, 4).toUpperCase();
        if (verb === 'RCPT') to = /^RCPT TO:<(.*)>/i.exec(line)?.[1] ?? `no path (RFC 5321, 4.1.2) in ${line}`;
        if (verb === 'DATA') data = true;
        if (verb === 'RCPT' && to === unknown) socket.write('550 5.1.1 No such mailbox\r\n');
        else socket.write({ EHLO: '250 sink\r\n', DATA: '354 go on\r\n', QUIT: '221 bye\r\n' }[verb] ?? '250 ok\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as AddressInfo;
  const close = () => (server.close(), sockets.forEach((s) => s.destroy()));
  return { port, taken, close };
}

test('what became of a message stands under it, a failure in the lists, and why one was told in a dialog', async ({
  team,
}) => {
  const sink = await mailServer('gone@helio.example');
  try {
    await team.kill();
    team.flags = ['--smtp', `smtp://127.0.0.1:${sink.port}`, '--mail-from', 'Acme <support@acme.example>'];
    await team.start();
    for (const [name, email] of [
      ['Dana Kim', 'dana@helio.example'],
      ['Gus Gone', 'gone@helio.example'],
    ]) {
      await team.call('Ana Torres', '/people', { kind: 'customer', name, email });
    }
    const ana = await team.app('Ana Torres');
    const luis = await team.app('Luis Vega');
    await ana.page.keyboard.press('Control+Shift+N');
    await ana.addPerson('dana', 'Dana Kim');
    await ana.composer.fill('The list is ready.');
    await ana.create.click();
    await expect(ana.message('The list is ready.')).toContainText(/E-mail to Dana Kim · sent \d\d:\d\d/);
    // Colleagues see it too.
    await luis.open('Open conversations', 'Dana Kim');
    await expect(luis.message('The list is ready.')).toContainText(/E-mail to Dana Kim · sent \d\d:\d\d/);

    await ana.page.keyboard.press('Control+Shift+N');
    await ana.addPerson('gus', 'Gus Gone');
    await ana.addPerson('luis', 'Luis Vega');
    await ana.composer.fill('Are you still there?');
    await ana.create.click();
    const asked = ana.message('Are you still there?');
    await expect(asked).toContainText('2 people · 1 failed · 1 leaving');
    await asked.getByText('2 people').click();
    await expect(asked).toContainText('E-mail to Gus Gone · failed: mailbox unknown');
    await expect(asked).toContainText(/E-mail to Luis Vega leaves in 0:\d\d/);
    await expect(ana.row('Gus Gone')).toContainText('failed');
    await expect(luis.row('Gus Gone')).toContainText('failed');
    if (process.env.SHOTS) await ana.page.screenshot({ path: `${process.env.SHOTS}/ledger.png` });
    await asked.getByRole('button', { name: 'don’t' }).click();
    await expect(asked).toContainText('Luis Vega · no e-mail: stopped by hand');

    const whyOf = async (app: typeof ana, text: string) => {
      await app.message(text).hover();
      await app.message(text).getByRole('button', { name: 'Why was I notified, or not?' }).click();
      return app.page.getByRole('dialog', { name: 'Why was I notified, or not?' });
    };
    await expect(await whyOf(ana, 'Are you still there?')).toContainText('Nobody is told of their own messages.');
    await ana.closeDialog();
    await luis.row('Gus Gone').getByRole('button').click();
    const why = await whyOf(luis, 'Are you still there?');
    await expect(why).toContainText('No bubble: this computer could not show one.');
    await expect(why).toContainText('No e-mail: somebody chose not to send it.');
    if (process.env.SHOTS) await luis.page.screenshot({ path: `${process.env.SHOTS}/why.png` });
    await luis.closeDialog();
    await luis.row('Dana Kim').getByRole('button').click();
    const other = await whyOf(luis, 'The list is ready.');
    await expect(other).toContainText('No bubble: colleagues look after this conversation.');
    await expect(other).toContainText('No e-mail was planned for you');
    await luis.closeDialog();

    // Their pages: what fails, where they belong, and what is written with them.
    await ana.go('Contacts');
    await ana.page.getByRole('button', { name: 'Organisations' }).click();
    await ana.page.getByRole('list', { name: 'Organisations' }).getByRole('button', { name: 'helio.example' }).click();
    const contacts = ana.page.getByRole('list', { name: 'Contacts' });
    await expect(contacts.getByRole('listitem')).toHaveCount(2);
    await expect(contacts.getByRole('listitem').filter({ hasText: 'Gus Gone' })).toContainText('failed');
    await contacts.getByRole('button', { name: 'Gus Gone' }).click();
    const main = ana.page.getByRole('main');
    await expect(main).toContainText('address fails');
    await expect(main.getByRole('region', { name: 'Others of helio.example' })).toContainText('Dana Kim');
    await expect(main.getByRole('region', { name: 'Conversations' })).toContainText('Are you still there?');
    if (process.env.SHOTS) await ana.page.screenshot({ path: `${process.env.SHOTS}/person.png` });
    await main.getByRole('button', { name: 'Dana Kim' }).click();
    await expect(ana.page.getByRole('heading', { level: 1, name: 'Dana Kim' })).toBeVisible();
    await main.getByRole('region', { name: 'Conversations' }).getByRole('button').first().click();
    await expect(ana.message('The list is ready.')).toContainText('E-mail to Dana Kim');

    // What was told is here without the server.
    await team.kill();
    await expect(ana.status).toContainText('Offline');
    await ana.stop();
    await ana.start();
    await ana.open('Open conversations', 'Gus Gone');
    await expect(ana.message('Are you still there?')).toContainText('failed');
    await expect(ana.row('Gus Gone')).toContainText('failed');
  } finally {
    sink.close();
  }
});

test('who will get it is told before it is written, by what each has chosen', async ({ team }) => {
  await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Dana Kim', email: 'dana@helio.example' });
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await ana.page.keyboard.press('Control+Shift+N');
  await ana.addPerson('dana', 'Dana Kim');
  await ana.addPerson('luis', 'Luis Vega');
  await ana.composer.fill('Hello Dana.');
  await ana.create.click();
  const aside = ana.page.getByRole('complementary', { name: 'People and files' });
  await expect(aside).toContainText('Who will get this');
  await expect(aside.getByRole('listitem').filter({ hasText: 'Dana Kim' })).toContainText('e-mail, now');
  await expect(aside.getByRole('listitem').filter({ hasText: 'Luis Vega' })).toContainText('app, e-mail after 1 min');

  await luis.open('Open conversations', 'Dana Kim');
  await luis.page.getByRole('button', { name: 'Mute' }).click();
  await expect(luis.page.getByRole('button', { name: 'Unmute' })).toBeVisible();
  await ana.go('Contacts');
  await ana.open('Open conversations', 'Dana Kim');
  await expect(aside.getByRole('listitem').filter({ hasText: 'Luis Vega' })).toContainText('app, muted');
});
