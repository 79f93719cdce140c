/** A whole return as a screen reader says it, page by page: by a simulated one, which reads what the standards say that it should. */
import { expect, test, type Page } from '@playwright/test';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { same } from './golden';
import { buy, find, onwards, tellWhy } from './shop';

// The reader is a script of ours that is not the page's.
test.use({ bypassCSP: true });

const reader = join(createRequire(import.meta.url).resolve('@guidepup/virtual-screen-reader/package.json'), '../lib/esm/index.browser.js');

/** All that is said from the top of a page to its end. */
async function said(page: Page): Promise<string> {
  await page.waitForLoadState();
  const phrases = await page.evaluate(async () => {
    const path = '/a-screen-reader.js';
    const { virtual } = await import(path);
    // What the demo shop alone has, and what is folded away, which this reader would read all the same.
    for (const aside of document.querySelectorAll('.demo, .rehearsal')) aside.remove();
    for (const folded of document.querySelectorAll<HTMLElement>('details:not([open]) > :not(summary)')) folded.hidden = true;
    await virtual.start({ container: document.body });
    for (let steps = 0; steps < 2_000 && (await virtual.lastSpokenPhrase()) !== 'end of document'; steps++) await virtual.next();
    const phrases: string[] = await virtual.spokenPhraseLog();
    await virtual.stop();
    return phrases;
  });
  expect(phrases.at(-1)).toBe('end of document');
  return `# ${new URL(page.url()).pathname}: ${await page.title()}\n${phrases.join('\n')}\n`;
}

for (const lang of ['en', 'zh-CN']) {
  test(`a whole return as it is said, ${lang}`, async ({ page, context, baseURL }, info) => {
    test.skip(info.project.name !== 'desktop', 'one transcript');
    test.setTimeout(120_000);
    await page.route('**/a-screen-reader.js', (route) => route.fulfill({ path: reader, contentType: 'text/javascript' }));
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    const bought = await buy({ tier: 'diamond' });
    const pages: string[] = [];
    await page.goto('/');
    pages.push(await said(page));
    await find(page, bought);
    pages.push(await said(page));
    await page.locator('.tile > input[type=checkbox]').first().check();
    await onwards(page);
    pages.push(await said(page));
    await tellWhy(page);
    await expect(page).toHaveURL(/\/wish$/);
    pages.push(await said(page));
    await page.locator('input[value=refund]').first().check();
    await onwards(page);
    await expect(page).toHaveURL(/\/send$/);
    pages.push(await said(page));
    await page.locator('input[value=self_ship]').first().check();
    await onwards(page);
    await expect(page).toHaveURL(/\/check$/);
    pages.push(await said(page));
    await onwards(page);
    await expect(page).toHaveURL(/\/done$/);
    pages.push(await said(page));
    await page.goto(page.url().replace(/\/done$/, ''));
    pages.push(await said(page));
    same(`spoken-${lang}.txt`, pages.join('\n'), bought);
  });
}
