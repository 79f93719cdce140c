/** Accessibility: axe finds nothing on any page, in each language, light and dark; and nothing is wider than the window. */
import { expect, test, type Page } from '@playwright/test';
import { nothingFound } from './axe';
import { everyPage, showUs, withdrawal } from './walk';

test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, 'axe is a script');

async function look(page: Page, name: string) {
  await nothingFound(page, name);
  for (const width of [320, 2560]) {
    const before = page.viewportSize()!;
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over, `${name} at ${width} px`).toBeLessThanOrEqual(0);
    await page.setViewportSize(before);
  }
}

for (const lang of ['zh-CN', 'en', 'de', 'fr']) {
  test(`axe finds nothing, ${lang}`, async ({ page, context, baseURL }, info) => {
    test.skip(!['zh-CN', 'en'].includes(lang) && info.project.name !== 'phone', 'one browser is enough');
    test.setTimeout(300_000);
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    await everyPage(page, look, lang);
  });

  test(`axe finds nothing where photos are shown, ${lang}`, async ({ page, context, baseURL }, info) => {
    test.skip(!['zh-CN', 'en'].includes(lang) && info.project.name !== 'phone', 'one browser is enough');
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    await showUs(page, look);
  });

  test(`axe finds nothing on the way of a withdrawal, ${lang}`, async ({ page, context, baseURL }, info) => {
    test.skip(!['zh-CN', 'en'].includes(lang) && info.project.name !== 'phone', 'one browser is enough');
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    await withdrawal(page, look);
  });
}
