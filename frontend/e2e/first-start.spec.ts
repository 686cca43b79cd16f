import { expect, test } from './team';

test('a team starts on this computer, and the second person joins by a link', async ({ openApp }) => {
  const ana = await openApp('ana');
  await ana.page.getByRole('button', { name: 'Start on this computer' }).click();
  await ana.page.getByLabel('Your name').fill('Ana Torres');
  await ana.page.getByLabel('E-mail').fill('ana@example.test');
  await ana.page.getByLabel('Choose a password').fill('correct horse battery');
  await ana.page.getByRole('button', { name: 'Start', exact: true }).click();
  await expect(ana.status).toContainText('Connected');

  await ana.go('Contacts');
  await ana.page.getByRole('button', { name: 'Invite somebody' }).click();
  const invite = ana.page.getByRole('dialog', { name: 'Invite somebody' });
  await invite.getByLabel('Name').fill('Luis Vega');
  await invite.getByLabel('E-mail').fill('luis@example.test');
  await invite.getByRole('button', { name: 'Create invitation' }).click();
  const link = await invite.getByLabel('Send this link to Luis Vega:').inputValue();
  await ana.closeDialog();

  const luis = await openApp('luis');
  await luis.page.getByRole('button', { name: 'I have an invitation' }).click();
  await luis.page.getByLabel('Invitation link').fill(link);
  await luis.page.getByLabel('Choose a password').fill('another long password');
  await luis.page.getByRole('button', { name: 'Join' }).click();
  await expect(luis.status).toContainText('Connected');

  await ana.createConversation('Welcome, Luis!', 'Luis Vega');
  await luis.open('Internal inbox', 'Ana Torres');
  await expect(luis.message('Welcome, Luis!')).toBeVisible();

  // Both come back signed in; the server comes with the app it belongs to.
  await ana.stop();
  await expect(luis.status).toContainText('Offline');
  await ana.start();
  await expect(ana.status).toContainText('Connected');
  await luis.stop();
  await luis.start();
  await expect(luis.status).toContainText('Connected');
  await expect(luis.row('Welcome, Luis!')).toBeVisible();
});

test('a wrong password and a link that is no invitation are told in a sentence', async ({ team, openApp }) => {
  const ana = await openApp('ana');
  await ana.page.getByRole('button', { name: 'Connect to a server' }).click();
  await ana.page.getByLabel('Server address').fill(team.address);
  await ana.page.getByLabel('E-mail').fill('ana@example.test');
  await ana.page.getByLabel('Password').fill('not the password');
  await ana.page.getByRole('button', { name: 'Sign in' }).click();
  await expect(ana.page.getByRole('alert')).toContainText('password');
  await ana.page.getByRole('button', { name: 'Back' }).click();

  await ana.page.getByRole('button', { name: 'I have an invitation' }).click();
  await ana.page.getByLabel('Invitation link').fill('https://example.test/elsewhere');
  await ana.page.getByLabel('Choose a password').fill('a long enough password');
  await ana.page.getByRole('button', { name: 'Join' }).click();
  await expect(ana.page.getByRole('alert')).toContainText('This is not an invitation');
  await expect(ana.page.getByRole('button', { name: 'Join' })).toBeEnabled();
});
