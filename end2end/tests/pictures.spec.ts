/** Every main page as a picture. `PICTURES=1 npx playwright test pictures` renews those of the README. */
import { test, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hire } from './people';
import { buy, choose, find, onwards, staff, stock } from './shop';

const readme = process.env.PICTURES ? join(import.meta.dirname, '../pictures') : undefined;
const looks = [
  { name: 'en', lang: 'en', colorScheme: 'light' as const, width: 390 },
  { name: 'zh-dark', lang: 'zh-CN', colorScheme: 'dark' as const, width: 390 },
  { name: 'wide', lang: 'en', colorScheme: 'light' as const, width: 1280 },
  { name: 'wide-zh-dark', lang: 'zh-CN', colorScheme: 'dark' as const, width: 1280 },
  ...['de', 'fr'].flatMap((lang) => [390, 1280].map((width) => ({ name: `${width}-${lang}`, lang, colorScheme: 'light' as const, width }))),
];

for (const look of looks) {
  test(`pictures, ${look.name}`, async ({ page, context, baseURL }, info) => {
    test.skip(info.project.name !== 'phone', 'one browser is enough');
    test.skip(readme !== undefined && !['en', 'zh-dark'].includes(look.name), 'the README shows phones');
    const zh = look.lang === 'zh-CN';
    const folder = readme ?? info.outputPath('.');
    mkdirSync(folder, { recursive: true });
    const shot = async (name: string, whole = true) => {
      await page.evaluate(() => { scrollTo(0, 0); return document.fonts.ready; });
      await page.screenshot({ path: join(folder, `${look.name}-${name}.jpg`), fullPage: whole && !readme, type: 'jpeg', quality: 82 });
    };
    await context.addCookies([{ name: 'lang', value: look.lang, url: baseURL! }]);
    await page.setViewportSize({ width: look.width, height: 844 });
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: 'reduce' });
    await page.goto('/');
    await shot('find', false);
    const { sku } = await stock();
    const bought = await buy({
      tier: 'diamond',
      lines: [
        { sku, name: zh ? '有机棉 T 恤' : 'Organic tee', variant: zh ? '黑色 / M' : 'black / M', category: 'apparel', quantity: 2, unit_price: '99.00', discount: '20.00', image: '/demo/tee.svg' },
        { sku: 'LAMP', name: zh ? '黄铜台灯' : 'Brass lamp', category: 'home', unit_price: '269.00', warranty_months: 12, image: '/demo/lamp.svg' },
        { sku: 'MUG', name: zh ? '刻字马克杯' : 'Name mug', category: 'home', unit_price: '49.00', tags: ['personalised'], image: '/demo/mug.svg' },
      ],
    });
    await find(page, bought);
    await page.locator('.tile > input[type=checkbox]').first().check();
    await shot('items');
    await onwards(page);
    await page.locator('input[value=size]').check();
    await page.locator('input[value=too_small]').check({ force: true });
    await page.locator('input[name^="condition|"][value=unopened]').check({ force: true });
    await page.locator('.preview .verdict').waitFor();
    await shot('why');
    await onwards(page);
    await page.locator('input[value=exchange]').check();
    await shot('exchange');
    await page.locator('input[value=refund]').check();
    await page.locator('.preview .receipt').waitFor();
    await shot('wish');
    await onwards(page);
    await choose(page, 'pickup');
    await shot('send');
    await onwards(page);
    await shot('check');
    await onwards(page);
    await shot('done');
    await page.goto(page.url().replace(/\/done$/, ''));
    await shot('return');
    await page.goto('/policy');
    await shot('policy', false);
    await page.goto('/account');
    await shot('account', false);
    if (readme) return;
    await page.goto('/withdraw?order=');
    await page.locator('[name=withdraw_name]').fill('');
    await page.locator('[name=withdraw_order]').fill('40404');
    await page.locator('input[value=some]').check();
    await onwards(page);
    await shot('withdraw-mistakes');
    const other = await buy({ lines: [
      { sku, name: zh ? '有机棉 T 恤' : 'Organic tee', variant: zh ? '黑色 / M' : 'black / M', category: 'apparel', quantity: 2, unit_price: '99.00', image: '/demo/tee.svg' },
      { sku: 'LAMP', name: zh ? '黄铜台灯' : 'Brass lamp', category: 'home', unit_price: '269.00', image: '/demo/lamp.svg' },
    ] });
    await find(page, other);
    await page.goto('/withdraw');
    await shot('withdraw');
    await page.locator('input[value=some]').check();
    await page.locator('.which input[type=checkbox]').first().check();
    await shot('withdraw-some');
    await onwards(page);
    await shot('withdraw-confirm');
    await onwards(page);
    await shot('withdraw-received');
  });
}

for (const look of [
  { name: 'en-staff', lang: 'en', colorScheme: 'light' as const },
  { name: 'zh-dark-staff', lang: 'zh-CN', colorScheme: 'dark' as const },
]) {
  test(`pictures of people at work, ${look.name}`, async ({ page, context, baseURL }, info) => {
    test.skip(info.project.name !== 'phone', 'one browser is enough');
    const folder = readme ?? info.outputPath('.');
    mkdirSync(folder, { recursive: true });
    await context.addCookies([{ name: 'lang', value: look.lang, url: baseURL! }]);
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 1280, height: 844 });
    await hire(page, 'support,warehouse,finance,admin');
    const shot = async (name: string) => {
      await page.evaluate(() => { scrollTo(0, 0); return document.fonts.ready; });
      await page.screenshot({ path: join(folder, `${look.name}-${name}.jpg`), fullPage: !readme, type: 'jpeg', quality: 82 });
    };
    await shot('queue');
    await page.locator('a.task').first().click();
    await page.waitForURL(/\/staff\/returns\/R-/);
    await shot('return');
    // What stands at each point of the second half, as the demo shop has it.
    for (const [kind, name] of [['inspect', 'dock'], ['settle', 'settle'], ['pay', 'pay']]) {
      const { items } = (await staff(`/tasks?kind=${kind}`)).body;
      await page.goto(`/staff/returns/${items[0].rma}`);
      await shot(name);
      if (name !== 'dock') continue;
      await page.setViewportSize({ width: 390, height: 844 });
      await shot('dock-phone');
      await page.setViewportSize({ width: 1280, height: 844 });
    }
    for (const room of ['coming', 'payments', 'stock', 'people']) {
      await page.goto(`/staff/${room}`);
      await shot(room);
    }
  });
}
