/** Ways in: one click from the shop, all orders by a code, another device, the link in the mail. */
import { expect, test } from '@playwright/test';
import { base, buy, find, mailed, sendBack, signed, type Bought } from './shop';

test('one click from the shop, made by the lines in the README', async ({ page }) => {
  const bought = await buy();
  const link = await signed({ order: bought.number, jti: bought.number, sku: 'TEE', locale: 'en' });
  await page.goto(link);
  await expect(page).toHaveURL(/\/return\/[0-9a-f]+\/items$/);
  await expect(page.locator('.tile > input[type=checkbox]').first()).toBeChecked();
  await expect(page.locator('h1')).toHaveText('What would you like to send back?');
  await page.goto(link);
  await expect(page).toHaveURL(/\/start\/again$/);
  await page.locator('a.btn').first().click();
  await expect(page).toHaveURL(`${base}/`);
});

test('all orders, by a code sent to the mail address', async ({ page }) => {
  const bought: Bought = await buy();
  await page.goto('/');
  await page.locator('a[href="/account"]').click();
  await page.locator('[name=email]').fill(bought.email);
  await page.locator('form[action="/account/code"] button').click();
  const [code] = await mailed(bought.email, /^\d{6}$/m);
  await page.locator('[name=code]').fill(code);
  await page.locator('form[action="/account/enter"] button').click();
  await expect(page.locator('.own')).toHaveCount(1);
  await page.locator('.own button').click();
  await expect(page).toHaveURL(/\/items$/);
  await page.goto('/account');
  await page.locator('form[action="/account/leave"] button').click();
  await expect(page.locator('[name=email]')).toBeVisible();
});

test('a return begun here is continued there, and followed from its mail', async ({ page, browser }) => {
  const bought = await buy();
  await find(page, bought);
  await page.locator('a[href$="/elsewhere"]').click();
  await expect(page.locator('svg.qr')).toBeVisible();
  const link = await page.locator('#f-link').inputValue();
  const other = await browser.newContext();
  const phone = await other.newPage();
  await phone.goto(link);
  await expect(phone).toHaveURL(/\/return\/[0-9a-f]+\/items$/);
  const rma = await sendBack(page, bought);
  const [mail] = await mailed(bought.email, /http:\S+\/r\/\S+/);
  await phone.goto(mail);
  await expect(phone).toHaveURL(`${base}/returns/${rma}`);
  await expect(phone.locator('.line')).toBeVisible();
  await other.close();
});
