/** What moves while a page is open. */
import { expect, test } from '@playwright/test';
import { api, buy, sendBack } from './shop';

test.skip(({ javaScriptEnabled }) => !javaScriptEnabled, 'islands need JavaScript');

test('an open page hears of news by itself', async ({ page }) => {
  const faults: string[] = [];
  page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text()); });
  page.on('pageerror', (error) => faults.push(error.message));
  const rma = await sendBack(page, await buy());
  await page.goto(`/returns/${rma}`);
  const before = await page.locator('h1').innerText();
  await page.waitForLoadState('networkidle').catch(() => {});
  await api(`/returns/${rma}/cancel`, { method: 'POST', body: JSON.stringify({ reason: 'out of stock' }) });
  await expect(page.locator('h1')).not.toHaveText(before);
  await expect(page.locator('.line li').last()).toContainText('out of stock');
  expect(faults).toEqual([]);
});
