import { expect, test } from './team';

test('the picture in README.md', async ({ team }, info) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  const marta = await team.app('Marta Ruiz');
  await marta.createConversation('The samples for Lisbon leave tomorrow at nine.', 'Ana Torres');
  await luis.createConversation('Who takes the desk on Friday afternoon?', 'Ana Torres', 'Marta Ruiz');
  await luis.createConversation('Good morning! The new price list is ready.', 'Ana Torres');
  await luis.send(
    'Two things changed:\n\n- **Delivery** is free from 80 € on\n- the old codes work until the end of May',
  );

  await ana.open('Internal inbox', 'the old codes');
  await ana.send('That was quick, thank you. Do the shops in Porto know?');
  await luis.send('I am telling them today. `PORTO-24` stays as it is.');
  const choosing = luis.page.waitForEvent('filechooser');
  await luis.page.getByRole('button', { name: 'Attach files' }).click();
  await (
    await choosing
  ).setFiles({ name: 'Price list.csv', mimeType: 'text/csv', buffer: Buffer.alloc(18_432, 'a,b\n') });
  await luis.send('And this is for the shops.');
  await expect(ana.message('And this is for the shops.')).toBeVisible();
  await ana.send('Perfect. I will put it up at the counter.');
  await expect(ana.message('Perfect.')).toContainText('Seen by Luis');
  await ana.page.screenshot({ path: info.config.metadata.picture as string });
});
