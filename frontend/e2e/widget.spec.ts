import { addSite, Shop, Widget } from './shop';
import { expect, test } from './team';

test('two visitors of another web site and two agents: each has what is theirs, each text once', async ({
  team,
  browser,
}) => {
  await team.addUser('Olga Admin', 'admin');
  const site = await addSite(team, { accent: '#0b7285', greeting: { en: 'Welcome!' } });
  const shop = await Shop.open(team.address, site, { title: 'Blue lamp' });
  const mine = await browser.newContext({ viewport: { width: 900, height: 720 } });
  const other = await browser.newContext({ viewport: { width: 900, height: 720 } });
  try {
    const ana = await team.app('Ana Torres');
    const luis = await team.app('Luis Vega');
    const tab = await Widget.on(mine, shop.url); // opened before there is anything, and so without a chat of its own
    const lamp = await Widget.on(mine, shop.url);
    const parcel = await Widget.on(other, shop.url);
    await expect(lamp.frame.getByText('Welcome!')).toBeVisible();
    await lamp.write('Is the *blue* lamp in stock? <b>x</b>');
    await parcel.write('Where is my parcel?');
    await expect(tab.message('lamp in stock? <b>x</b>')).toHaveCount(1);
    await expect(tab.message('lamp in stock? <b>x</b>')).toHaveClass(/mine/);

    for (const app of [ana, luis]) {
      await app.open('Open conversations', 'parcel');
      await expect(app.message('Where is my parcel?')).toHaveCount(1);
      await app.open('Open conversations', 'lamp in stock');
      await expect(app.message('lamp in stock? <b>x</b>')).toHaveCount(1);
      await expect(app.message('parcel')).toHaveCount(0);
      await expect(app.list.getByRole('listitem')).toHaveCount(2);
    }
    const aside = ana.page.getByRole('complementary', { name: 'People and files' });
    await expect(aside).toContainText('Blue lamp');
    await expect(aside).toContainText(new URL(shop.url).host);

    await lamp.box.pressSequentially('An');
    await expect(luis.page.getByText(/ is writing…/)).toBeVisible();
    await lamp.box.fill('');
    await ana.composer.pressSequentially('Yes');
    // Who it is they are told with the first answer.
    await expect(lamp.frame.getByText('Shop is writing…')).toBeVisible();
    await expect(tab.frame.getByText('Shop is writing…')).toBeVisible();
    await expect(parcel.frame.getByText('is writing…')).toHaveCount(0);
    await ana.send('Yes, two of them.');
    await expect(lamp.message('Yes, two of them.')).toContainText('Ana Torres');
    await expect(lamp.message('lamp in stock')).toContainText('Seen');
    await expect(tab.message('lamp in stock')).toContainText('Seen');
    await expect(ana.message('Yes, two of them.')).toContainText('seen in the chat');
    await expect(parcel.message('parcel')).not.toContainText('Seen');

    await mine.setOffline(true);
    await expect(lamp.note).toContainText('No connection');
    await lamp.write('Can I have both?');
    await expect(lamp.message('Can I have both?')).toContainText('Sending…');
    await ana.send('They cost 20 each.');
    await mine.setOffline(false);
    await expect(lamp.message('They cost 20 each.')).toBeVisible();
    await expect(lamp.message('Can I have both?')).not.toContainText('Sending');
    await expect(lamp.note).toHaveText('');
    await expect(ana.message('Can I have both?')).toHaveCount(1);

    await team.kill();
    await parcel.write('It is number 7.');
    await lamp.write('I take them.');
    await expect(lamp.message('I take them.')).toContainText('Sending…');
    await team.start();
    await expect(ana.message('I take them.')).toHaveCount(1, { timeout: 60_000 });
    await expect(luis.message('I take them.')).toHaveCount(1, { timeout: 60_000 });
    await luis.open('Open conversations', 'number 7');
    await luis.send('It comes tomorrow.');
    await expect(parcel.message('It comes tomorrow.')).toContainText('Luis Vega', { timeout: 60_000 });

    await lamp.reload();
    const said = ['Is the blue lamp in stock? <b>x</b>', 'Yes, two of them.'];
    const later = ['They cost 20 each.', 'Can I have both?'];
    for (const widget of [lamp, tab]) {
      await expect(widget.messages).toHaveCount(5, { timeout: 60_000 });
      const texts = await widget.texts();
      expect([texts.slice(0, 2), texts.slice(2, 4).sort().reverse(), texts.slice(4)]).toEqual([
        said,
        later,
        ['I take them.'],
      ]);
      await expect(widget.frame.getByText('Sending…')).toHaveCount(0);
    }
    expect(await parcel.texts()).toEqual(['Where is my parcel?', 'It is number 7.', 'It comes tomorrow.']);
    await expect(ana.messages.getByRole('article')).toHaveCount(5);
    await expect(luis.messages.getByRole('article')).toHaveCount(3);
  } finally {
    await mine.close();
    await other.close();
    shop.close();
  }
});

test('what is written before the server answers is sent once', async ({ team, browser }) => {
  await team.addUser('Olga Admin', 'admin');
  const shop = await Shop.open(team.address, await addSite(team), { lang: 'en_US' }); // no language that browsers know
  const context = await browser.newContext();
  try {
    const ana = await team.app('Ana Torres');
    const widget = await Widget.on(context, shop.url);
    await expect(widget.frame.getByText('We are here')).toBeVisible();
    await team.kill();
    await widget.write('Anybody there?');
    await expect(widget.message('Anybody there?')).toContainText('Sending…');
    await expect(widget.box).toHaveValue('');
    await team.start();
    await expect(widget.frame.getByText('Sending…')).toHaveCount(0, { timeout: 60_000 });
    await widget.write('Now I see you.');
    await ana.open('Open conversations', 'Now I see you.');
    await expect(ana.messages.getByRole('article')).toHaveCount(2);
    expect(await widget.texts()).toEqual(['Anybody there?', 'Now I see you.']);
  } finally {
    await context.close();
    shop.close();
  }
});
