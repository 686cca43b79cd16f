import { readFile } from 'node:fs/promises';
import { expect, test } from './team';

/** Less than what a lost wake-up would take until the next heartbeat of the feed. */
const AT_ONCE = { timeout: 10_000 };

test('seen and answers reach the other side at once', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await ana.createConversation('Did the parcel arrive?', 'Luis Vega');
  await expect(luis.row('Did the parcel arrive?')).toContainText('1 unseen');
  await expect(ana.message('Did the parcel arrive?')).not.toContainText('Seen by');

  await luis.open('Internal inbox', 'Did the parcel arrive?');
  await expect(ana.message('Did the parcel arrive?')).toContainText('Seen by Luis', AT_ONCE);
  await expect(luis.row('Did the parcel arrive?')).not.toContainText('unseen');

  await luis.composer.pressSequentially('Yes, ');
  await expect(ana.page.getByText('Luis is writing…')).toBeVisible();
  await luis.send('Yes, this morning.');
  await expect(ana.message('Yes, this morning.')).toBeVisible(AT_ONCE);
  await expect(luis.message('Yes, this morning.')).toContainText('Seen by Ana', AT_ONCE);
});

test('an edited message changes for everybody, a deleted one goes', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await ana.createConversation('The meeting is at nine.', 'Luis Vega');
  await ana.send('This was meant for somebody else.');
  await luis.open('Internal inbox', 'Ana Torres');

  const first = ana.message('The meeting is at nine.');
  await first.hover();
  await first.getByRole('button', { name: 'Edit' }).click();
  const field = ana.page.getByRole('textbox', { name: 'Edit' });
  await field.fill('The meeting is at ten.');
  await field.press('Control+Enter');
  await expect(luis.message('The meeting is at ten.')).toContainText('edited');
  await expect(luis.message('The meeting is at nine.')).toHaveCount(0);

  const second = ana.message('This was meant for somebody else.');
  await second.hover();
  await second.getByRole('button', { name: 'Delete' }).click();
  await ana.page.getByRole('dialog', { name: 'Delete this message?' }).getByRole('button', { name: 'Delete' }).click();
  await expect(luis.message('This message was deleted.')).toHaveCount(1);
  await expect(luis.message('This was meant for somebody else.')).toHaveCount(0);
  await expect(await luis.search('somebody else')).toHaveCount(0);
  expect((await team.ask('Luis Vega', '/search?q=meant')).items).toEqual([]);
});

test('a file comes over byte for byte', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await ana.createConversation('The figures are attached.', 'Luis Vega');
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
  const choosing = ana.page.waitForEvent('filechooser');
  await ana.page.getByRole('button', { name: 'Attach files' }).click();
  await (
    await choosing
  ).setFiles({ name: 'figures für Ana.bin', mimeType: 'application/octet-stream', buffer: content });
  await ana.send('Here they are.');

  await luis.open('Internal inbox', 'Ana Torres');
  const downloading = luis.page.waitForEvent('download');
  await luis.message('Here they are.').getByRole('button', { name: 'Save figures für Ana.bin' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('figures für Ana.bin');
  expect((await readFile(await download.path())).equals(content)).toBe(true);
});

test('somebody added later sees what was agreed, somebody removed sees nothing', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const marta = await team.app('Marta Ruiz');
  await ana.createConversation('Before Marta came.', 'Luis Vega');
  const people = ana.page.getByRole('complementary', { name: 'People and files' });
  await people.getByRole('combobox', { name: 'Add a person' }).fill('mar');
  await ana.page.getByRole('option', { name: 'Marta Ruiz' }).click();
  await ana.page.getByRole('button', { name: 'From now on' }).click();
  await expect(people).toContainText('Marta Ruiz');
  await ana.send('After Marta came.');

  await marta.open('Internal inbox', 'After Marta came.');
  await expect(marta.message('After Marta came.')).toBeVisible();
  await expect(marta.message('Before Marta came.')).toHaveCount(0);

  await people.getByRole('button', { name: 'Remove Marta Ruiz' }).click();
  await ana.page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(marta.list.getByRole('listitem')).toHaveCount(0);
  await expect(await marta.search('Marta came')).toHaveCount(0);
});

test('files are pasted and dropped, and go with the message', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  const luis = await team.app('Luis Vega');
  await ana.createConversation('Pictures follow.', 'Luis Vega');
  // What a browser gives for a picture in the clipboard, and for a file let go over the page.
  const give = (kind: 'paste' | 'drop', name: string, type: string) =>
    ana.composer.evaluate(
      (field, [kind, name, type]) => {
        const data = new DataTransfer();
        data.items.add(new File([`content of ${name}`], name, { type }));
        const event =
          kind === 'paste'
            ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
        field.dispatchEvent(event);
      },
      [kind, name, type] as const,
    );
  const group = ana.page.getByRole('group', { name: 'Message' });
  await give('paste', 'pasted.png', 'image/png');
  await expect(group.getByText('pasted.png')).toBeVisible();
  await give('drop', 'dropped.txt', 'text/plain');
  await expect(group.getByText('dropped.txt')).toBeVisible();
  await ana.send('Both at once.');
  await luis.open('Internal inbox', 'Ana Torres');
  const came = luis.message('Both at once.');
  await expect(came).toContainText('dropped.txt');
  await expect(came).toContainText('pasted.png');
});

test('a session ended elsewhere signs the app out, and what was typed is not lost', async ({ team }) => {
  const ana = await team.app('Ana Torres');
  await ana.createConversation('I stay here.', 'Luis Vega');
  const { items } = await team.ask('Ana Torres', '/sessions');
  const device = (items as { id: string; device: string; current: boolean }[]).find(
    (d) => !d.current && d.device !== 'asking',
  )!;
  await ana.composer.fill('Half a thought');
  await expect(ana.composer).toHaveValue('Half a thought');
  await team.remove('Ana Torres', `/sessions/${device.id}`);
  await expect(ana.page.getByRole('button', { name: 'Sign in' })).toBeVisible({ timeout: 30_000 });
  await ana.page.getByLabel('E-mail').fill('ana@example.test');
  await ana.page.getByLabel('Password').fill('a long enough password');
  await ana.page.getByRole('button', { name: 'Sign in' }).click();
  await ana.open('Internal sent', 'Luis Vega');
  await expect(ana.message('I stay here.')).toBeVisible();
  await expect(ana.composer).toHaveValue('Half a thought');
});
