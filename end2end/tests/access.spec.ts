/** Accessibility: axe finds nothing on any page, in both languages, light and dark; and nothing is wider than the window. */
import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { broken, buy, find, onwards, png, signed, stock, tellWhy } from './shop';

test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, 'axe is a script');

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function look(page: Page, name: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await (window as any).axe.run(document, { resultTypes: ['violations'] });
      return violations.map((violation: any) => `${violation.id}: ${violation.nodes.map((node: any) => node.html).join(' ')}`);
    });
    expect(found, `${name}, ${colorScheme}`).toEqual([]);
  }
  for (const width of [320, 2560]) {
    const before = page.viewportSize()!;
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over, `${name} at ${width} px`).toBeLessThanOrEqual(0);
    await page.setViewportSize(before);
  }
}

for (const lang of ['zh-CN', 'en']) {
  test(`axe finds nothing, ${lang}`, async ({ page, context, baseURL }) => {
    test.setTimeout(180_000);
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    await page.goto('/');
    await look(page, 'find');
    await page.locator('form[action="/"] button.btn').click();
    await look(page, 'find with mistakes');
    const bought = await buy({ tier: 'diamond', lines: [
      { sku: (await stock()).sku, name: 'Cotton tee', variant: 'black / M', category: 'apparel', quantity: 2, unit_price: '99.00' },
      { sku: 'MUG', name: 'Name mug', category: 'home', unit_price: '49.00', tags: ['personalised'] },
    ] });
    await find(page, bought);
    await look(page, 'items');
    await onwards(page);
    await look(page, 'items with mistakes');
    const here = page.url();
    await page.locator('a[href$="/elsewhere"]').click();
    await look(page, 'another device');
    await page.goto(here);
    for (const box of await page.locator('.tile > input[type=checkbox]').all()) await box.check();
    await onwards(page);
    await page.locator('input[value=size]').first().check();
    await look(page, 'why');
    await onwards(page);
    await look(page, 'why with mistakes');
    for (const about of await page.locator('.about').all()) {
      await about.locator('input[value=dislike]').check();
      const state = about.locator('input[name^=condition][value=opened]');
      if (await state.count()) await state.check({ force: true });
    }
    await onwards(page);
    await look(page, 'wish, one declined');
    await onwards(page);
    await look(page, 'wish with mistakes');
    await page.locator('input[value=exchange]').first().check();
    await look(page, 'wish, exchange');
    await page.locator('input[value=refund]').first().check();
    await expect(page.locator('.preview .verdict')).toBeVisible();
    await look(page, 'wish, with the decision');
    await onwards(page);
    await page.locator('input[value=pickup]').check();
    await look(page, 'send');
    await onwards(page);
    for (const summary of await page.locator('.verdict summary').all()) await summary.click();
    await look(page, 'check');
    await onwards(page);
    await look(page, 'done');
    await page.goto(page.url().replace(/\/done$/, ''));
    await look(page, 'return');
    const rma = page.url();
    await page.goto(`${rma}/method`);
    await look(page, 'another way back');
    await page.goto(rma);
    await page.locator('form[action$="/add"] button').click();
    await look(page, 'a forgotten item');
    await page.goto(rma);
    await page.goto(`${page.url()}/cancel`);
    await look(page, 'cancel');
    await page.goto('/policy');
    await look(page, 'policy');
    for (const path of ['/nothing', '/gone', '/busy', '/updating', '/failed/abc', '/start/again', '/start/by-number', '/link-over']) {
      await page.goto(path);
      await look(page, path);
    }
    await page.goto('/account');
    await look(page, 'account');
    await page.locator('[name=email]').fill(`${lang}@example.com`);
    await page.locator('form[action="/account/code"] button').click();
    await page.locator('[name=code]').fill('12345');
    await page.locator('form[action="/account/enter"] button').click();
    await look(page, 'account, code with a mistake');
    const { number, email } = bought;
    await page.goto(await signed({ email }));
    await expect(page.locator('.own')).toContainText([number]);
    await look(page, 'account, orders');
    const late = await buy({ delivered: 60 });
    await find(page, late);
    await page.locator('.tile > input[type=checkbox]').first().check();
    await onwards(page);
    await tellWhy(page);
    await look(page, 'wish, all declined');
  });
}

for (const lang of ['zh-CN', 'en']) {
  test(`axe finds nothing where photos are shown, ${lang}`, async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    await broken(page);
    await look(page, 'show us');
    await onwards(page);
    await look(page, 'show us, nothing shown');
    const files = [{ name: 'crack.png', mimeType: 'image/png', buffer: png(60, 40) }, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') }];
    await page.locator('.upload input[type=file]').setInputFiles(files);
    await page.locator('.thumb.bad').waitFor();
    await look(page, 'show us, one kept and one not');
  });
}

for (const lang of ['zh-CN', 'en']) {
  test(`axe finds nothing on the way of a withdrawal, ${lang}`, async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    await page.goto('/withdraw');
    await look(page, 'withdraw');
    await page.locator('input[value=some]').check();
    await onwards(page);
    await look(page, 'withdraw, with mistakes');
    const bought = await buy({ lines: [{ sku: 'TEE', name: 'Cotton tee', quantity: 2, unit_price: '99.00' }, { sku: 'MUG', name: 'Mug', unit_price: '49.00' }] });
    await page.goto(await signed({ order: bought.number, page: 'withdraw' }));
    await page.locator('input[value=some]').check();
    await page.locator('.which input[type=checkbox]').first().check();
    await look(page, 'withdraw, from an order');
    await onwards(page);
    await look(page, 'withdraw, confirm');
    await onwards(page);
    await look(page, 'withdraw, received');
  });
}
