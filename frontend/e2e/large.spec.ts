import type { Page } from '@playwright/test';
import { expect, test } from './team';

/**
 * What is cut off or lies over something else: elements whose text is wider than they are without an ellipsis, what lies
 * outside the window, and buttons that something else covers.
 */
async function broken(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const name = (e: Element) =>
      `${e.tagName.toLowerCase()}.${e.className} “${(e.textContent ?? '').trim().slice(0, 40)}”`;
    // What lies over the rest is looked at alone.
    const modal = document.querySelector('dialog[open]') ?? document.querySelector('.details aside');
    if (document.documentElement.scrollWidth > innerWidth)
      found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const e of (modal ?? document).querySelectorAll('button, h1, h2, p, small, time, summary, label, b, li')) {
      const box = e.getBoundingClientRect();
      const style = getComputedStyle(e);
      if (box.width <= 1 || style.visibility === 'hidden' || e.closest('.hidden, [inert]')) continue;
      const clipped =
        style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && e.scrollWidth > e.clientWidth + 1;
      if (clipped && style.overflowX === 'hidden') found.push(`cut: ${name(e)}`);
      if (style.overflowX === 'visible' && style.display !== 'inline' && e.scrollWidth > e.clientWidth + 2)
        found.push(`too narrow: ${name(e)}`);
      if (box.right > innerWidth + 1 || box.left < -1) found.push(`outside: ${name(e)}`);
      if (e.tagName !== 'BUTTON' || style.opacity === '0' || e.closest('.tools')) continue;
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      if (y < 0 || y > innerHeight) continue;
      // What is scrolled out of sight is not covered.
      const away = (node: Element | null): boolean => {
        if (!node) return false;
        const frame = node.getBoundingClientRect();
        const scrolls = getComputedStyle(node).overflowY !== 'visible';
        return (scrolls && (y < frame.top || y > frame.bottom)) || away(node.parentElement);
      };
      if (away(e.parentElement)) continue;
      const top = document.elementFromPoint(x, y);
      if (top && !e.contains(top) && !top.contains(e)) found.push(`covered: ${name(e)} by ${name(top)}`);
    }
    return found;
  });
}

test.use({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });

for (const language of ['en', 'es'] as const) {
  test(`at 200 % nothing is cut or covered, in ${language}`, async ({ team, openApp }) => {
    const guest = await openApp('guest');
    const resize = async (page: Page) => page.setViewportSize({ width: 640, height: 400 });
    await resize(guest.page);
    await expect(guest.page.getByRole('heading', { name: 'Welcome to Recado' })).toBeVisible();
    expect(await broken(guest.page), 'welcome').toEqual([]);
    await team.call('Ana Torres', '/people', {
      kind: 'customer',
      name: 'Bartholomew Featherstonehaugh',
      email: 'bartholomew@featherstonehaugh.example',
    });
    const ana = await team.app('Ana Torres');
    const { page } = ana;
    await ana.page.keyboard.press('Control+Shift+N');
    await ana.addPerson('bart', 'Bartholomew Featherstonehaugh');
    await ana.addPerson('luis', 'Luis Vega');
    await ana.composer.fill('The new price list is valid from the first of December on, as we said.');
    await resize(page);
    expect(await broken(page), 'new conversation').toEqual([]);
    await ana.create.click();
    await expect(ana.message('The new price list')).toContainText('2 people');
    if (language === 'es') {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByLabel('Language').selectOption('es');
      await page.getByRole('dialog').getByRole('button', { name: 'Cerrar', exact: true }).click();
    }
    const shot = async (name: string) => {
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/large-${language}-${name}.png` });
    };
    await shot('thread');
    expect(await broken(page), 'thread').toEqual([]);
    await page.getByRole('button', { name: /^(People and files|Personas y archivos)$/ }).click();
    await shot('aside');
    expect(await broken(page), 'aside').toEqual([]);
    await page
      .getByRole('complementary')
      .getByRole('button', { name: /^(Close|Cerrar)$/ })
      .click();
    await page.getByRole('article').hover();
    await page.getByRole('button', { name: /^(Why was I|¿Por qué se me)/ }).click();
    await expect(page.getByRole('dialog')).toContainText(/own messages|propios mensajes/);
    await shot('why');
    expect(await broken(page), 'why').toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^(Settings|Ajustes)/ }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await shot('settings');
    expect(await broken(page), 'settings').toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.keyboard.press('?');
    await expect(page.getByRole('dialog')).toBeVisible();
    expect(await broken(page), 'keys').toEqual([]);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    const views = page.getByRole('navigation');
    for (const view of [/^(Internal inbox|Recibidos)/, /^(Open conv|Conversaciones ab)/, /^(Contacts|Contactos)/]) {
      await views.getByRole('button', { name: view }).click();
      await page
        .getByRole('button', { name: /^(Back|Volver)$/ })
        .click({ timeout: 1000 })
        .catch(() => {});
      await shot(`list-${view.source.slice(2, 8)}`);
      expect(await broken(page), view.source).toEqual([]);
    }
    await page.getByRole('button', { name: /^(Customers|Clientes)$/ }).click();
    await page.getByRole('button', { name: /Bartholomew/ }).click();
    await expect(page.getByRole('main')).toContainText('bartholomew@');
    await shot('person');
    expect(await broken(page), 'person').toEqual([]);
  });
}
