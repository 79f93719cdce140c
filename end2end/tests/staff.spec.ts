/** People at work: two people, one story; by keyboard alone; and pages as pictures (B4, B16, P23). */
import { expect, test, type Page } from '@playwright/test';
import { nothingFound } from './axe';
import { api, png } from './shop';
import { another, dear, hire } from './people';

/** Opens what waits for words, and says them. */
async function decide(page: Page, form: string, words?: string) {
  const decision = page.locator(`#do-${form}`);
  if (words !== undefined) {
    if (!(await decision.isVisible())) await page.locator('details.decide', { has: decision }).locator('summary').click();
    await decision.locator('textarea').fill(words);
  }
  await decision.locator('button[type=submit]:not([formaction])').click();
}

/** The page has it: by itself, or, where nothing moves, when it is looked at again. */
async function comesTo(page: Page, text: string, moves: boolean) {
  if (!moves) await page.reload();
  await expect(page.locator('#content')).toContainText(text, { timeout: moves ? 3_000 : 5_000 });
}

test('two people see one story', async ({ page: shopper, browser, javaScriptEnabled, locale, viewport }) => {
  test.setTimeout(120_000);
  const moves = javaScriptEnabled !== false;
  const support = await another(browser, { javaScriptEnabled, locale, viewport }, 'en');
  await hire(support, 'support');
  await shopper.context().addCookies([{ name: 'lang', value: 'en', url: support.url() }]);

  const rma = await dear(shopper);
  await shopper.goto(`/returns/${rma}`);
  await support.goto(`/staff/returns/${rma}`);
  await expect(support.locator('h1')).toContainText('Camera body');
  await decide(support, 'ask', 'A photo of the serial number, please.');
  await expect(support.locator('.told')).toContainText(rma);
  await comesTo(shopper, 'A photo of the serial number, please.', moves);

  await support.goto(`/staff/returns/${rma}`);
  const camera = await another(browser, { javaScriptEnabled, locale, viewport }, 'en');
  await camera.context().addCookies(await shopper.context().cookies());
  await camera.goto(`/returns/${rma}/photos`);
  await camera.locator('input[type=file]').first().setInputFiles({ name: 'serial.png', mimeType: 'image/png', buffer: png(64, 48) });
  if (!moves) await camera.locator('form[enctype] button.btn, .foot button').first().click();
  await expect.poll(async () => (await api(`/returns/${rma}`)).body.lines[0].evidence?.length ?? 0).toBe(1);
  await comesTo(support, 'photo', moves);
  await expect(support.locator('.thumbs img')).toHaveCount(1);
  // The picture itself is shown to whoever decides.
  const picture = await support.request.get(new URL((await support.locator('.thumbs img').getAttribute('src'))!, support.url()).href);
  expect(picture.status()).toBe(200);
  await decide(support, 'approve');
  await expect(support.locator('.told')).toContainText('approved');
  await comesTo(shopper, 'approved', moves);
  expect((await api(`/returns/${rma}`)).body.status).toBe('approved');
});

test('a decision by keyboard alone', async ({ page, browser, javaScriptEnabled, viewport }, info) => {
  test.skip(info.project.name !== 'desktop', 'keys need a script, and a keyboard');
  const shopper = await another(browser, { javaScriptEnabled, viewport }, 'en');
  const rma = await dear(shopper);
  await hire(page, 'support');
  await page.goto(`/staff/returns/${rma}`);
  await page.keyboard.press('?');
  await expect(page.locator('#keys')).toBeVisible();
  await expect(page.locator('#keys li', { hasText: 'Approve' })).toHaveCount(1);
  await page.keyboard.press('Escape');
  await page.keyboard.press('d');
  await page.keyboard.type('Worn outdoors.');
  await page.keyboard.press('Control+Enter');
  await expect(page.locator('.told')).toContainText('declined');
  expect((await api(`/returns/${rma}`)).body.status).toBe('declined');
  await page.keyboard.press('l');
  await expect(page).toHaveURL(/\/staff$/);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/staff\/returns\/R-/);
});

test('colleagues see who else is there', async ({ page, browser, javaScriptEnabled, viewport }, info) => {
  test.skip(info.project.name !== 'desktop', 'news need a script; one browser is enough');
  const rma = await dear(await another(browser, { javaScriptEnabled, viewport }, 'en'));
  await hire(page, 'support');
  await page.goto(`/staff/returns/${rma}`);
  const other = await another(browser, { javaScriptEnabled, viewport }, 'en');
  const { name } = await hire(other, 'support');
  await other.goto(`/staff/returns/${rma}`);
  await expect(page.locator('.stands')).toContainText(name);
  await other.close();
  await expect(page.locator('.stands')).not.toContainText(name);
});

for (const lang of ['zh-CN', 'en', 'de', 'fr']) {
  test(`axe finds nothing on pages of people at work, ${lang}`, async ({ page, browser, baseURL, viewport }, info) => {
    test.skip(!['phone', 'desktop'].includes(info.project.name), 'axe is a script');
    test.skip(!['zh-CN', 'en'].includes(lang) && info.project.name !== 'phone', 'one browser is enough');
    test.setTimeout(180_000);
    const rma = await dear(await another(browser, { viewport }, lang));
    await page.context().addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    const look = async (name: string) => {
      await nothingFound(page, name, (scheme) => page.screenshot({ path: info.outputPath(`${name}-${lang}-${scheme}.png`), fullPage: true }));
      const before = page.viewportSize()!;
      for (const width of [320, 1920]) {
        await page.setViewportSize({ width, height: 900 });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(over, `${name} at ${width} px`).toBeLessThanOrEqual(0);
      }
      await page.setViewportSize(before);
    };
    await page.goto('/staff/sign-in');
    await look('sign-in');
    await hire(page, 'support,warehouse,finance,admin');
    await look('queue');
    await page.goto(`/staff/returns/${rma}`);
    await look('return');
    await page.locator('details.decide', { has: page.locator('#do-ask') }).locator('> summary').click();
    await page.locator('#do-ask textarea').fill('');
    await page.locator('#do-ask button:not([formaction])').click();
    await look('mistake');
    await page.goto('/staff/me');
    await look('me');
    await page.goto('/staff/me/password');
    await look('password');
    await page.goto('/staff/me/factor');
    await look('factor');
    await page.goto('/staff/people');
    await page.locator('main summary').first().click();
    await look('people');
    await page.goto('/staff/devices');
    await page.locator('main summary').first().click();
    await page.locator('details [name=name]').fill('Dock 2');
    await page.locator('details button.btn:not([name=days])').click();
    await look('devices');
    await page.goto('/staff/pair');
    await look('pair');
  });
}
