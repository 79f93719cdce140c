/** The decision follows the answers (N1); and the demo's clock can be moved (N12). */
import { expect, test } from '@playwright/test';
import { buy, find, onwards, sendBack, tee, tellWhy } from './shop';

test('the decision follows the answers while they are given', async ({ page, javaScriptEnabled }) => {
  test.skip(!javaScriptEnabled, 'without JavaScript it stands on the next page');
  await find(page, await buy({ lines: [{ ...tee, quantity: 1, discount: '0.00' }] }));
  await page.locator('.tile > input[type=checkbox]').check();
  await onwards(page);
  const panel = page.locator('.preview');
  await expect(panel).toBeEmpty();
  await page.locator('input[value=dislike]').check();
  await page.locator('input[name^=condition][value=opened]').check({ force: true });
  await expect(panel.locator('.verdict')).toBeVisible();
  const first = await panel.textContent();
  await page.locator('input[value=quality]').check();
  await page.locator('input[value=functional_fault]').check({ force: true });
  await expect(panel).not.toHaveText(first!);
  await page.locator('input[value=dislike]').check();
  await onwards(page);
  await page.locator('input[value=refund]').check();
  await expect(panel.locator('.receipt .total')).toContainText('99.00');
  await onwards(page);
  await page.locator('input[value=self_ship]').check();
  await expect(panel.locator('.receipt')).toBeVisible();
});

test('what is previewed is not kept, and nobody else sees it', async ({ page, request }) => {
  await find(page, await buy());
  await page.locator('.tile > input[type=checkbox]').check();
  await onwards(page);
  // Chromium can wait for ever for a page that is loaded anew while it still loads.
  await page.waitForURL(/\/why$/);
  const address = page.url().replace(/\/why$/, '/preview/why');
  const answer = await request.post(address, { form: { 'reason|x|1': 'dislike' }, headers: { origin: new URL(address).origin } });
  expect(answer.status()).toBe(204);
  await page.reload();
  await expect(page.locator('input[name^="reason|"]:checked')).toHaveCount(0);
});

test('a pickup goes into the calendar', async ({ page }) => {
  const rma = await sendBack(page, await buy({ tier: 'diamond' }), { method: 'pickup' });
  const calendar = await page.request.get(`/returns/${rma}/pickup.ics`);
  expect(calendar.headers()['content-type']).toContain('text/calendar');
  const text = await calendar.text();
  expect(text).toMatch(/^BEGIN:VCALENDAR\r\n[\s\S]*DTSTART:\d{8}T\d{6}Z\r\n[\s\S]*END:VCALENDAR\r\n$/);
  await expect(page.locator('a[href$="pickup.ics"]')).toBeVisible();
});
