/** What customers are told: worded by the shop, looked at while it is written, and every occasion in every channel and language as its reader sees it (C33). */
import { expect, test, type Page } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nothingFound } from './axe';
import { hire } from './people';

const all = '/staff/settings/messages';
/** `PICTURES=1 npx playwright test messages` leaves a page with all of them in `results/messages`. */
const report = process.env.PICTURES ? join(import.meta.dirname, '../results/messages') : undefined;

test('a message is worded, looked at and put back', async ({ page, javaScriptEnabled }, info) => {
  await hire(page, 'admin');
  await page.goto(all);
  await expect(page.locator('nav a[href="/staff/settings/messages"][aria-current=page]').first()).toBeVisible();
  // Each project words another one: they share a shop.
  const occasion = ['outbound_lost', 'outbound_stopped', 'outbound_too_late', 'goods_missing'][['phone', 'desktop', 'phone without JavaScript', 'desktop without JavaScript'].indexOf(info.project.name)];
  await page.locator(`main a[href="${all}/${occasion}"]`).click();
  const look = page.frameLocator('iframe[name=look]');
  await expect(look.locator('h1')).not.toBeEmpty();
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'a message');
  await page.locator('[name=lead]').fill('{shop} · {day}');
  if (javaScriptEnabled) {
    await expect(look.locator('[role=alert]')).toContainText('{day}');
  } else {
    await page.locator('button[formtarget=look]').click();
    await expect(look.locator('[role=alert]')).toContainText('{day}');
  }
  const save = page.locator(`form[action="${all}/${occasion}"] button[type=submit]:not([formtarget]):not([name])`);
  await save.click();
  await expect(page.locator('.errors')).toContainText('{day}');
  await expect(page.locator('[name=lead]')).toHaveValue('{shop} · {day}');
  if (javaScriptEnabled && info.project.name === 'desktop') await nothingFound(page, 'a message with a mistake');
  await page.locator('[name=lead]').fill('Told by {shop}: {rma}.');
  await save.click();
  await expect(page.locator('.told')).toBeVisible();
  await expect(look.frameLocator('iframe').locator('body')).toContainText('Told by');
  await page.goto(all);
  await expect(page.locator('li').filter({ has: page.locator(`a[href="${all}/${occasion}"]`) }).locator('.chip')).toBeVisible();
  await page.goto(`${all}/${occasion}`);
  await page.locator('button[name=reset]').click();
  await expect(page.locator('button[name=reset]')).toHaveCount(0);
});

type Seen = { occasion: string; channel: string; language: string; file: string; text: string };

async function occasions(page: Page): Promise<string[]> {
  await page.goto(all);
  const links = await page.locator(`main a[href^="${all}/"]`).evaluateAll((found) => found.map((link) => link.getAttribute('href')!.split('/').pop()!));
  expect(links.length).toBeGreaterThan(30);
  return links;
}

test('every occasion reads well by every channel and in every language', async ({ page, javaScriptEnabled }, info) => {
  test.skip(!javaScriptEnabled || info.project.name !== 'phone', 'once is enough');
  test.setTimeout(report ? 1_800_000 : 300_000);
  await hire(page, 'admin');
  const seen: Seen[] = [];
  if (report) mkdirSync(report, { recursive: true });
  for (const occasion of await occasions(page)) {
    for (const language of ['zh-CN', 'en', 'de', 'fr']) {
      for (const channel of ['mail', 'inbox', 'text']) {
        await page.setViewportSize({ width: 376, height: 800 });
        const answer = await page.goto(`${all}/${occasion}/preview?channel=${channel}&language=${language}`);
        expect(answer!.status()).toBe(200);
        await expect(page.locator('[role=alert]'), `${occasion} ${channel} ${language}`).toHaveCount(0);
        // A channel that an occasion does not have shows its mail.
        const mail = (await page.locator('iframe').count()) > 0;
        if (mail && channel !== 'mail') continue;
        const inner = mail ? page.frames().at(-1)! : page.mainFrame();
        const wide = await inner.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
        expect(wide[0], `${occasion} ${channel} ${language} is as wide as its window`).toBeLessThanOrEqual(wide[1]);
        const text = (await inner.locator('body').innerText()).trim();
        expect(text, `${occasion} ${channel} ${language}`).not.toMatch(/\{[a-z_]+\}|undefined|NaN/);
        expect(text.length).toBeGreaterThan(10);
        if (!report) continue;
        const views = mail ? [[360, 'light'], [360, 'dark'], [720, 'light'], [720, 'dark']] : [[360, 'light']];
        for (const [width, colorScheme] of views as [number, 'light' | 'dark'][]) {
          await page.emulateMedia({ colorScheme });
          // The frame's own window has the width.
          await page.setViewportSize({ width: width + 16, height: 800 });
          await page.locator('iframe').evaluateAll((frames) => frames.forEach((frame) => ((frame as HTMLElement).style.height = '1400px')));
          const file = `${occasion}-${channel}-${language}-${width}-${colorScheme}.png`;
          await page.screenshot({ path: join(report, file), fullPage: true });
          seen.push({ occasion, channel, language, file, text });
        }
        await page.emulateMedia({ colorScheme: null });
      }
    }
  }
  if (report) {
    const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const rows = seen.map((one) => `<h2>${one.occasion} · ${one.channel} · ${one.language}</h2><p>${escaped(one.text.slice(0, 400))}</p><img loading="lazy" src="${one.file}" alt="">`);
    writeFileSync(join(report, 'index.html'), `<!doctype html><meta charset="utf-8"><title>Messages</title>${rows.join('\n')}`);
  }
});
