/** From the way back to the money: what only a browser can tell of the pages after the wish. */
import { expect, test, type Page } from '@playwright/test';
import { answerAll, api, buy, choose, find, longest, onwards, sendBack, tee, tellWhy } from './shop';

/** Amounts that wrap, or stand out of their list or of the window. */
const stray = (page: Page) => page.evaluate(() => {
  const room = document.documentElement.clientWidth;
  const strays = [...document.querySelectorAll('.receipt dd, .price, .foot .sum b')].filter((amount) => {
    const range = document.createRange();
    range.selectNodeContents(amount);
    const text = range.getBoundingClientRect();
    const around = (amount.closest('.receipt, .tile, .foot') ?? document.body).getBoundingClientRect();
    return range.getClientRects().length > 1 || text.right > Math.min(room, around.right) + 0.5 || text.left < around.left;
  });
  return [...strays.map((amount) => amount.textContent), ...(document.documentElement.scrollWidth > room ? ['the page'] : [])];
});

for (const lang of ['en', 'zh-CN']) {
  test(`amounts stay whole beside the longest names, ${lang}`, async ({ page, context, baseURL, javaScriptEnabled }, { project }) => {
    test.skip(!javaScriptEnabled || project.name !== 'phone', 'one browser is enough');
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    const bought = await buy({ lines: [{ sku: 'SHELF', name: longest, variant: longest, category: 'furniture', unit_price: '1234567.00' }] });
    const look = async (name: string) => {
      for (const width of [320, 390, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await stray(page), `${name} at ${width} px`).toEqual([]);
      }
    };
    await find(page, bought);
    await page.locator('.tile > input[type=checkbox]').first().check();
    await onwards(page);
    await tellWhy(page);
    await page.locator('input[value=refund]').first().check();
    await page.locator('.preview .receipt').waitFor();
    await look('wish');
    await onwards(page);
    await choose(page, 'pickup');
    await look('send');
    await onwards(page);
    await look('check');
    await onwards(page);
    await look('done');
    await page.goto(page.url().replace(/\/done$/, ''));
    await look('return');
  });
}

test('a pickup is a day and then its hours, all to be seen', async ({ page }) => {
  const bought = await buy({ tier: 'diamond' });
  await find(page, bought);
  await page.locator('.tile > input[type=checkbox]').first().check();
  await onwards(page);
  await tellWhy(page);
  await page.locator('input[value=refund]').first().check();
  await onwards(page);
  await page.locator('input[value=pickup]').check();
  await onwards(page);
  await expect(page.locator('.pickup .error')).toBeVisible();
  expect(await page.locator('.days .day').count()).toBe(7);
  const cut = await page.locator('.pickup .pill > span').evaluateAll((tiles) => tiles.filter((tile) => tile.scrollWidth > tile.clientWidth + 1).length);
  expect(cut).toBe(0);
  const third = page.locator('input[name=pickup_date]').nth(2);
  const day = await third.inputValue();
  await third.check({ force: true });
  await page.locator('input[name=pickup_slot]').last().check({ force: true });
  await onwards(page);
  await onwards(page);
  await expect(page).toHaveURL(/\/done$/);
  await expect(page.locator('#label')).toContainText('17:00');
  const calendar = await page.request.get(page.url().replace(/done$/, 'pickup.ics'));
  expect(await calendar.text()).toContain(day.replaceAll('-', ''));
  await expect(page.locator('a[href*="label.pdf"]')).toHaveCount(0);
  await expect(page.locator('#label .leaf')).toBeVisible();
});

test('a slow answer is waited for in sight, and asked for once', async ({ page, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, 'the browser itself shows that it waits');
  const bought = await buy();
  await find(page, bought);
  await answerAll(page);
  let sent = 0;
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/check', async (route) => {
    if (route.request().method() === 'POST') {
      sent += 1;
      await held;
    }
    await route.continue();
  });
  // Asked from within: a page that is about to be left answers nobody else.
  let told = (_: string) => {};
  const said = new Promise<string>((resolve) => (told = resolve));
  await page.exposeFunction('told', (text: string) => told(text));
  await page.evaluate(() => {
    const wait = document.getElementById('wait')!;
    new MutationObserver(() => {
      if (!wait.textContent) return;
      document.querySelector<HTMLFormElement>('form:has(.foot)')!.requestSubmit();
      (window as any).told(`${wait.textContent} ${document.querySelector('.foot button')!.getAttribute('aria-busy')}`);
    }).observe(wait, { childList: true });
  });
  await page.locator('.foot button').click({ noWaitAfter: true });
  expect(await said).toMatch(/\S true$/);
  answer();
  await expect(page).toHaveURL(/\/done$/);
  expect(sent).toBe(1);
});

test('what a parcel shop scans is the number of the parcel', async ({ page }) => {
  const rma = await sendBack(page, await buy(), { method: 'drop_off' });
  const { tracking_number } = (await api(`/returns/${rma}`)).body.parcels[0];
  await expect(page.locator('.ticket .qr')).toHaveAttribute('aria-label', tracking_number);
  const { width } = (await page.locator('.ticket .qr').boundingBox())!;
  expect(width).toBeGreaterThanOrEqual(200);
  await expect(page.locator('.ticket')).toContainText(tracking_number);
  await page.locator('.sizes > summary').click();
  await expect(page.locator('.sizes a[href*="size=large"]')).toBeVisible();
});

test('everything that is pressed is large enough', async ({ page }) => {
  const small = () => page.evaluate(() =>
    [...document.querySelectorAll('button, summary, .btn, .change, .tap, .changes a, .bottom a, .pill > span, .top a, .found a, .tile')]
      .filter((target) => (target as HTMLElement).checkVisibility({ visibilityProperty: true }) && !target.closest('.sr'))
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.height > 0 && box.height < 44)
      .map(({ target, box }) => `${target.className} ${target.textContent!.trim()}: ${box.height}`));
  const bought = await buy({ tier: 'diamond', lines: [{ ...tee, quantity: 1 }] });
  const look = async (name: string) => expect(await small(), name).toEqual([]);
  await page.goto('/');
  await page.locator('.rehearsal summary').click();
  await look('find');
  await find(page, bought);
  await answerAll(page, { method: 'pickup' });
  for (const summary of await page.locator('.verdict summary').all()) if (await summary.isVisible()) await summary.click();
  await look('check');
  await page.locator('.way .change').click();
  await look('send');
  await onwards(page);
  await onwards(page);
  await look('done');
  await page.goto(page.url().replace(/\/done$/, ''));
  await look('return');
});
