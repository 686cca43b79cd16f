import { expect, test } from './team';

/** An app that found no server tries again after up to 30 s, chosen at random. */
const BACK = { timeout: 75_000 };

test('without the server everything is read and searched, and what is written arrives exactly once', async ({
  team,
}) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await ana.createConversation('The key lies under the flowerpot.', 'Luis Vega');
  await luis.open('Internal inbox', 'Ana Torres');
  await expect(ana.message('The key lies')).toContainText('Seen by Luis');

  await team.kill();
  await expect(ana.status).toContainText('Offline');
  await ana.send('Written without a server.');
  await expect(ana.message('Written without a server.')).toContainText('Waiting to be sent');
  await expect(ana.statusBar).toContainText('1 in the outbox');

  // The app crashes, and starts from what is on this computer.
  await ana.stop('SIGKILL');
  await ana.start();
  await expect(ana.status).toContainText('Offline');
  await expect(ana.statusBar).toContainText('1 in the outbox');
  const found = await ana.search('flowerpot');
  await expect(found).toHaveCount(1);
  await found.click();
  await expect(ana.message('The key lies under the flowerpot.')).toBeVisible();
  await expect(ana.message('Written without a server.')).toContainText('Waiting to be sent');
  await ana.send('And another.');
  await expect(ana.statusBar).toContainText('2 in the outbox');

  await team.start();
  await ana.reconnect();
  await expect(ana.status).toContainText('Connected', BACK);
  await luis.reconnect();
  await expect(luis.status).toContainText('Connected', BACK);
  await expect(ana.statusBar).toContainText('0 in the outbox');
  await expect(luis.messages.getByRole('article')).toContainText([
    'The key lies under the flowerpot.',
    'Written without a server.',
    'And another.',
  ]);
  await expect(luis.messages.getByRole('article')).toHaveCount(3);
  expect((await team.ask('Luis Vega', '/search?q=written')).items).toHaveLength(1);
  await expect(ana.status).toContainText('you have everything up to');
});

test('a conversation created offline is sent when the server is back', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await expect(luis.status).toContainText('Connected');
  await team.kill();
  await expect(ana.status).toContainText('Offline');
  await ana.createConversation('Begun on a train.', 'Luis Vega');
  await expect(ana.statusBar).toContainText('in the outbox, sent when you are back');

  await ana.stop('SIGKILL');
  await team.start();
  await ana.start();
  await expect(ana.statusBar).toContainText('0 in the outbox');
  await luis.reconnect();
  await expect(luis.row('Begun on a train.')).toHaveCount(1, BACK);
  expect((await team.ask('Luis Vega', '/conversations?view=internal-inbox')).items).toHaveLength(1);
});
