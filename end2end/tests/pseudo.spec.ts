/**
 * Pages in the language of the tests: English with an accent on every letter, longer by two fifths, in brackets. What a page says without is not
 * in the catalogue, and what is wider than the window does not leave room for a longer language. Only debug builds have it.
 */
import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { everyPage, showUs } from './walk';

/** What the shop, its customers and its policy say in their own words. */
const policy = JSON.parse(readFileSync(join(import.meta.dirname, '../../domain/policies/default.json'), 'utf8'));
const own = (value: any): string[] =>
  value && typeof value === 'object' ? Object.entries(value).flatMap(([key, inner]) => (key === 'en' ? [String(inner)] : own(inner))) : [];
const data = [
  // As the law words them.
  'Withdraw from contract here', 'Confirm withdrawal',
  ...own(policy), 'anniversary week', 'Returns policy of the demo shop',
  'Linden & Co.', 'Cotton tee', 'Name mug', 'Blue vase', 'Kettle', 'black / XL', 'black / M', 'black / L', 'black / S', 'crack.png', 'notes.txt', 'Asia/Shanghai', 'When does the money come?', 'It was a gift.', 'There is no name on it.',
];
/** Addresses, numbers, signs of currencies, countries, kinds of files. */
const forms = [/https?:\S+/g, /\S+@\S+/g, /\b(R-)?[0-9A-Z]{4}[- ][0-9A-Z]{4}\b/g, /^[0-9A-Za-z]+( [·—] [0-9A-Za-z]+){7}$/g, /\b[A-Z]{1,2}[0-9A-F]{6,}(-[A-Z]+)?\b/g, /\bHB[0-9A-Z]+\b/g, /\b(CN|JP|US|R)[¥$]/g, /^(CN|DE)$/g];

/** Words of the page that no text of the catalogue has. */
async function hardCoded(page: Page): Promise<string[]> {
  const said = await page.evaluate(() => {
    const texts = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement!;
      // Other languages' names; what the demo shop says of its orders.
      if (element.closest('script, style, template, [lang]:not(html), .demo li, .demo h3')) continue;
      if (node instanceof Element) {
        for (const name of ['aria-label', 'alt', 'title', 'placeholder']) texts.push(node.getAttribute(name) ?? '');
      } else {
        texts.push(node.textContent ?? '');
      }
    }
    return texts;
  });
  return said.map((text) => text.trim()).filter((text) => {
    let rest = text;
    for (let before = ''; before !== rest;) [before, rest] = [rest, rest.replace(/\[[^[\]]*\]/g, ' ')];
    for (const word of data) rest = rest.replaceAll(word, ' ');
    for (const form of forms) rest = rest.trim().replace(form, ' ');
    return /[A-Za-z]{2,}/.test(rest);
  });
}

/** What stands out of the window at its right, where the page is wider than that. */
const tooWide = (page: Page) => page.evaluate(() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > room && !one.closest('.sr'));
  return wide.filter((one) => !one.children.length).map((one) => `${one.parentElement!.className} > ${one.tagName} ${one.className}: ${one.textContent}`);
});

async function look(page: Page, name: string) {
  expect(await page.locator('h1').first().textContent(), name).toContain('[');
  expect(await hardCoded(page), name).toEqual([]);
  expect(await tooWide(page), `${name} at 320 px`).toEqual([]);
}

test.beforeEach(async ({ page, context, baseURL }, info) => {
  test.skip(info.project.name !== 'phone', 'one browser is enough');
  test.setTimeout(180_000);
  await page.setViewportSize({ width: 320, height: 800 });
  await context.addCookies([{ name: 'lang', value: 'en-XA', url: baseURL! }]);
});

test('every text of every page is in the catalogue, and has room', ({ page }) => everyPage(page, look, 'pseudo'));
test('so it is where photos are asked for', ({ page }) => showUs(page, look));

test('what is not in the catalogue is found', async ({ page }) => {
  await page.goto('/');
  await page.locator('h1').evaluate((heading) => heading.insertAdjacentHTML('afterend', '<p>Something hard-coded, in CN¥</p><img alt="A picture">'));
  expect(await hardCoded(page)).toEqual(['Something hard-coded, in CN¥', 'A picture']);
});
