/** Whole journeys, each on a phone and a desktop, with JavaScript and without. */
import { expect, test } from '@playwright/test';
import { answerAll, api, buy, find, onwards, sendBack, tee, tellWhy } from './shop';

test('an item is returned and its label printed', async ({ page }) => {
  const bought = await buy();
  await find(page, bought);
  await answerAll(page);
  await expect(page.locator('.verdict')).toContainText('89.00');
  await expect(page.locator('.receipt .total')).toContainText('89.00');
  await onwards(page);
  await expect(page).toHaveURL(/\/done$/);
  const label = await page.request.get(await page.locator('a[href*="label.pdf?size=a6"]').getAttribute('href') as string);
  expect(label.headers()['content-type']).toBe('application/pdf');
  expect((await label.body()).subarray(0, 5).toString()).toBe('%PDF-');
  await page.locator('.acts .btn').last().click();
  const rma = /R-[0-9A-Z-]+/.exec(page.url())?.[0];
  const { body } = await api(`/orders/${bought.number}`);
  expect(body.returnable[0].available).toBe(1);
  expect(rma ? body.returnable[0].in_returns : []).toEqual(rma ? [rma] : []);
});

test('what cannot come back is told with its reason and what is possible', async ({ page }) => {
  const bought = await buy({ delivered: 60, lines: [{ ...tee, warranty_months: 12 }] });
  await find(page, bought);
  await page.locator('.tile > input[type=checkbox]').check();
  await onwards(page);
  await tellWhy(page);
  await expect(page.locator('.declined .why')).toBeVisible();
  await expect(page.locator('.instead')).toBeVisible();
  await expect(page.locator('.foot')).toHaveCount(0);
});

test('a costly item waits for a person', async ({ page }) => {
  const bought = await buy({ lines: [{ sku: 'CAM', name: 'Camera', category: 'electronics', unit_price: '8999.00' }] });
  const rma = await sendBack(page, bought);
  const { body } = await api(`/returns/${rma}`);
  expect(body.status).toBe('in_review');
  expect(body.parcels).toEqual([]);
  await page.goto(`/returns/${rma}`);
  await expect(page.locator('.line .now')).toHaveCount(1);
  await expect(page.locator('a[href*="label.pdf"]')).toHaveCount(0);
});

test('a Diamond member is collected from for nothing', async ({ page }) => {
  const bought = await buy({ tier: 'diamond' });
  await find(page, bought);
  await answerAll(page, { method: 'pickup' });
  await expect(page.locator('.chip.good').first()).toBeVisible();
  await onwards(page);
  const rma = /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.url())![0];
  const { body } = await api(`/returns/${rma}`);
  expect(body.method).toBe('pickup');
  expect(body.expected.amount).toBe('89.00');
});

test('a return is called off and the item can be returned again', async ({ page }) => {
  const bought = await buy();
  const rma = await sendBack(page, bought);
  await page.goto(`/returns/${rma}`);
  await page.locator(`a[href$="/cancel"]`).click();
  await page.locator('button.danger').click();
  await expect(page).toHaveURL(new RegExp(`${rma}$`));
  expect((await api(`/returns/${rma}`)).body.status).toBe('cancelled');
  await sendBack(page, bought);
});

test('slips are told beside their fields, and what was typed is kept', async ({ page }) => {
  const bought = await buy();
  await page.goto('/');
  await page.locator('form[action="/"] button.btn').click();
  await expect(page.locator('.errors li')).toHaveCount(2);
  await page.locator('[name=number]').first().fill(bought.number);
  await page.locator('[name=contact]').first().fill('nobody@example.com');
  await page.locator('form[action="/"] button.btn').click();
  await expect(page.locator('.errors')).toBeVisible();
  await expect(page.locator('[name=number]').first()).toHaveValue(bought.number);
  await expect(page.locator('[name=contact]').first()).toHaveValue('nobody@example.com');

  await find(page, bought);
  await onwards(page);
  await expect(page.locator('.errors')).toBeVisible();
  await page.locator('.tile > input[type=checkbox]').first().check();
  await onwards(page);
  await page.locator('textarea').fill('It is not mine');
  await onwards(page);
  await expect(page.locator('.error').first()).toBeVisible();
  await expect(page.locator('textarea')).toHaveValue('It is not mine');
  await page.locator('input[value=size]').check();
  await page.locator('input[name^=condition][value=opened]').check({ force: true });
  await onwards(page);
  await expect(page).toHaveURL(/\/why$/);
  await expect(page.locator('.subs .error')).toBeVisible();
});

test('an order is found however its number and contact are typed', async ({ page }) => {
  const bought = await buy();
  await find(page, { ...bought, number: ` #${bought.number.toLowerCase()} ` }, ` ${bought.email.toUpperCase()}`);
  const digits = bought.phone.slice(3);
  const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
  await find(page, bought, wide(`0${digits.slice(0, 3)} ${digits.slice(3, 7)} ${digits.slice(7)}`));
  await find(page, bought, `${digits.slice(0, 3)}-${digits.slice(3, 7)}-${digits.slice(7)}`);
});

test('nobody sees the return of another', async ({ page, browser }) => {
  const bought = await buy();
  const rma = await sendBack(page, bought);
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(`/returns/${rma}`);
  await expect(stranger.locator('[name=contact]')).toBeVisible();
  await expect(stranger.locator('body')).not.toContainText('Cotton tee');
  expect((await stranger.request.get(`/returns/${rma}/label.pdf`, { maxRedirects: 0 })).status()).toBe(303);
  expect((await stranger.request.get(`/returns/${rma}/live`)).status()).toBe(403);
  const forced = await stranger.request.post(`/returns/${rma}/cancel`, { maxRedirects: 0 });
  expect(forced.status()).toBe(303);
  expect((await api(`/returns/${rma}`)).body.status).toBe('approved');
  await stranger.locator('[name=contact]').fill('wrong@example.com');
  await stranger.locator('.acts button').click();
  await expect(stranger.locator('.errors')).toBeVisible();
  await stranger.locator('[name=contact]').fill(bought.phone);
  await stranger.locator('.acts button').click();
  await expect(stranger.locator('body')).toContainText('Cotton tee');
  await stranger.context().close();
});

test('two tabs and the back button make one return', async ({ page, context }) => {
  const bought = await buy();
  await find(page, bought);
  await answerAll(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await Promise.all([onwards(page), onwards(second)]);
  await expect(page).toHaveURL(/\/done$/);
  await expect(second).toHaveURL(/\/done$/);
  expect(second.url()).toBe(page.url());
  await page.goBack();
  await page.reload();
  await expect(page).toHaveURL(/\/returns\/R-/);
  expect((await api(`/orders/${bought.number}`)).body.returnable[0].available).toBe(1);
});

test('a question that was skipped is asked', async ({ page }) => {
  const bought = await buy();
  await find(page, bought);
  const draft = page.url().replace(/\/items$/, '');
  for (const step of ['why', 'wish', 'send', 'check']) {
    await page.goto(`${draft}/${step}`);
    await expect(page).toHaveURL(`${draft}/items`);
  }
});

test('the language can be switched on every page', async ({ page }) => {
  const bought = await buy();
  await find(page, bought);
  const before = await page.locator('h1').innerText();
  await page.locator('.top a[hreflang]').click();
  await expect(page).toHaveURL(/\/items$/);
  expect(await page.locator('h1').innerText()).not.toBe(before);
});

test('the policy is written out', async ({ page }) => {
  await page.goto('/policy');
  await expect(page.locator('.short').first().locator('li')).toHaveCount(5);
  await expect(page.locator('[id^=rules-] .rulebook')).toHaveCount(9);
  await expect(page.locator('[id^=rules-] .rulebook').first().locator('div').last()).toContainText('7');
  await page.locator('.contents a').last().click();
  await expect(page.locator(':target')).toBeInViewport();
});

test('help is a page of its own, from every page', async ({ page }) => {
  await page.goto('/policy');
  await page.getByRole('banner').locator('a[href="/help"]').click();
  await expect(page).toHaveURL(/\/help$/);
  await expect(page.locator('#contact a[href^="mailto:"]')).toBeVisible();
  await expect(page.locator('.contents a[hreflang]')).toHaveCount(2);
});

test('what is not there says so kindly', async ({ page }) => {
  const answer = await page.goto('/nothing/here');
  expect(answer?.status()).toBe(404);
  await expect(page.locator('.acts .btn')).toBeVisible();
  expect((await page.goto('/return/0123456789abcdef/items'))?.status()).toBe(404);
});

test('part of the money comes back, and the item stays (P8)', async ({ page }) => {
  const bought = await buy({ lines: [{ sku: 'BOWL', name: 'Salad bowl', category: 'home', unit_price: '39.00' }] });
  await find(page, bought);
  await page.locator('.tile > input[type=checkbox]').check();
  await onwards(page);
  await tellWhy(page, { reason: 'quality', sub: 'cosmetic_flaw' });
  await page.locator('input[value=keep_refund]').check();
  await onwards(page);
  await expect(page).toHaveURL(/\/check$/);
  await onwards(page);
  await expect(page).toHaveURL(/\/done$/);
  const rma = /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.url())![0];
  const { body } = await api(`/returns/${rma}`);
  expect(body.lines[0].resolution).toBe('keep_refund');
  expect(body.method).toBe('none');
  expect(body.parcels).toEqual([]);
});
