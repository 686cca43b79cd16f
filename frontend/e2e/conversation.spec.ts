import { expect, test } from './team';

test('a conversation with a user is written in Internal sent and found in Internal inbox', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');

  await ana.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ana.page.getByRole('menuitem')).toHaveText([
    'Conversation with user',
    'Conversation with customer',
    'Ticket',
    'Task',
  ]);
  await ana.page.getByRole('menuitem', { name: 'Conversation with user' }).click();
  await expect(ana.page.getByRole('heading', { level: 1, name: 'Internal sent' })).toBeVisible();
  await expect(ana.page.getByRole('heading', { level: 1, name: 'New conversation' })).toBeVisible();
  await expect(ana.create).toBeDisabled();

  await ana.addPerson('lu', 'Luis Vega');
  await ana.composer.fill('The printer on the second floor is back.');
  expect((await team.ask('Ana Torres', '/conversations?view=internal-sent')).items).toEqual([]);
  await ana.create.click();

  await expect(ana.message('The printer on the second floor is back.')).toBeVisible();
  await expect(ana.row('Luis Vega')).toContainText('The printer on the second floor');
  await expect(luis.page.getByRole('button', { name: /^Internal inbox.*1 unseen/ })).toBeVisible();
  await luis.open('Internal inbox', 'Ana Torres');
  await expect(luis.message('The printer on the second floor is back.')).toBeVisible();
  await luis.go('Internal sent');
  await expect(luis.list.getByRole('listitem')).toHaveCount(0);
});

test('× cancels: what was typed is thrown away and nothing exists at the server', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  await ana.write();
  await ana.addPerson('mar', 'Marta Ruiz');
  await ana.composer.fill('I would rather not say this.');
  await ana.page.getByRole('button', { name: 'Cancel' }).click();
  const ask = ana.page.getByRole('dialog', { name: 'Keep what you typed?' });
  await ask.getByRole('button', { name: 'Discard' }).click();

  await expect(ana.page.getByRole('heading', { name: 'New conversation' })).toHaveCount(0);
  await expect(ana.list.getByRole('listitem')).toHaveCount(0);
  await ana.go('Drafts');
  await expect(ana.list.getByRole('listitem')).toHaveCount(0);
  expect((await team.ask('Ana Torres', '/conversations?view=internal-sent')).items).toEqual([]);
  expect((await team.ask('Marta Ruiz', '/conversations?view=internal-inbox')).items).toEqual([]);
});

test('a kept draft is taken up again', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  await ana.write();
  await ana.addPerson('mar', 'Marta Ruiz');
  await ana.composer.fill('Half a thought');
  await ana.page.getByRole('button', { name: 'Cancel' }).click();
  await ana.page.getByRole('button', { name: 'Keep draft' }).click();
  await ana.stop();
  await ana.start();

  await ana.go('Drafts');
  await ana.row('New conversation').getByRole('button').click();
  await expect(ana.composer).toHaveValue('Half a thought');
  await expect(ana.page.getByRole('button', { name: 'Remove Marta Ruiz' })).toBeVisible();
  expect((await team.ask('Ana Torres', '/conversations?view=internal-sent')).items).toEqual([]);
});

test('people are chosen by @ and by Add people, several of them, and each finds the message', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  const marta = await team.app('Marta Ruiz');
  await ana.write();
  await ana.composer.pressSequentially('@luis');
  await expect(ana.page.getByRole('option', { name: 'Luis Vega' })).toBeVisible();
  await ana.composer.press('Enter');
  await expect(ana.page.getByRole('button', { name: 'Remove Luis Vega' })).toBeVisible();
  await ana.composer.pressSequentially('and Marta: lunch at two?');
  await ana.page.getByRole('button', { name: 'Add people' }).click();
  await expect(ana.page.getByRole('combobox', { name: 'Add people' })).toBeFocused();
  await ana.addPerson('@mar', 'Marta Ruiz');
  await ana.create.click();

  await expect(ana.message('and Marta: lunch at two?')).toContainText('@Luis Vega');
  await expect(luis.row('lunch at two?')).toHaveCount(1);
  await expect(marta.row('lunch at two?')).toHaveCount(1);
  await luis.go('Mentions');
  await expect(luis.row('lunch at two?')).toHaveCount(1);
  await marta.go('Mentions');
  await expect(marta.list.getByRole('listitem')).toHaveCount(0);
});

test('who is not in a conversation finds it neither in lists nor by searching', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  const marta = await team.app('Marta Ruiz');
  await ana.createConversation('The offer stands at cormorant.', 'Luis Vega');
  await expect(luis.row('cormorant')).toBeVisible();
  // What was written to Marta afterwards has come to her, so the first would have, too.
  await ana.createConversation('The canteen opens at noon.', 'Marta Ruiz');
  await expect(marta.row('canteen')).toBeVisible();

  await expect(marta.row('cormorant')).toHaveCount(0);
  await expect(await marta.search('cormorant')).toHaveCount(0);
  await expect(marta.page.getByText('Nothing found on this computer.')).toBeVisible();
  const path = '/search?q=cormorant';
  expect((await team.ask('Marta Ruiz', path)).items).toEqual([]);
  expect((await team.ask('Luis Vega', path)).items).toHaveLength(1);
  expect((await team.ask('Marta Ruiz', '/conversations?view=internal-inbox')).items).toHaveLength(1);
});

test('no customer can be in a conversation between users', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  const made = await team.call('Luis Vega', '/people', {
    kind: 'customer',
    name: 'Carla Gomes',
    email: 'c@example.test',
  });
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: string };
  const refused = await team.call('Luis Vega', '/conversations', {
    key: 'with-carla',
    kind: 'internal',
    participants: [id],
    message: { body: 'Hello' },
  });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({ type: 'urn:recado:problem:customer-in-internal-conversation' });

  // What came after the customer has come to Ana, so her app knows the customer, too; it does not offer her.
  await luis.createConversation('We have a new customer.', 'Ana Torres');
  await expect(ana.row('We have a new customer.')).toBeVisible();
  await ana.write();
  await ana.page.getByRole('combobox', { name: 'Add people' }).pressSequentially('carla');
  await expect(ana.page.getByText('Nobody of that name')).toBeAttached();
  await expect(ana.page.getByRole('option')).toHaveCount(0);
});
