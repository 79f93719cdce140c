/** What can be changed afterwards, all in the same return (N10), and several orders in one (P9). */
import { expect, test } from '@playwright/test';
import { answerAll, api, buy, choose, find, onwards, sendBack, stock, tee, tellWhy } from './shop';

const mug = { sku: 'MUG', name: 'Blue mug', category: 'home', unit_price: '49.00' };

test('a forgotten item joins the same return', async ({ page }) => {
  const bought = await buy({ lines: [{ ...tee, quantity: 1, discount: '0.00' }, mug] });
  const rma = await sendBack(page, bought);
  const before = (await api(`/returns/${rma}`)).body;
  await page.goto(`/returns/${rma}`);
  await page.locator('form[action$="/add"] button').click();
  await expect(page).toHaveURL(/\/items$/);
  await expect(page.locator('.tile.no a')).toHaveAttribute('href', `/returns/${rma}`);
  await page.locator('.tile > input[type=checkbox]').check();
  await onwards(page);
  await tellWhy(page);
  await page.locator('input[value=refund]').check();
  await onwards(page);
  await expect(page).toHaveURL(/\/check$/);
  await expect(page.locator('.receipt .total')).toContainText('148.00');
  await onwards(page);
  await expect(page).toHaveURL(new RegExp(`/returns/${rma}$`));
  await expect(page.locator('.item')).toHaveCount(2);
  const { body } = await api(`/returns/${rma}`);
  expect(body.lines).toHaveLength(2);
  expect(body.parcels).toEqual(before.parcels);
  expect(body.expected.amount).toBe('148.00');
});

test('items of two orders come back in one parcel', async ({ page }) => {
  const first = await buy();
  const second = await buy({ lines: [mug] });
  await find(page, first);
  await page.locator('details.more summary').click();
  await page.locator('details.more [name=number]').fill(second.number);
  await page.locator('details.more [name=contact]').fill('nobody@example.com');
  await page.locator('details.more form.form button').click();
  await expect(page.locator('details.more .error').first()).toBeVisible();
  await page.locator('details.more [name=number]').fill(second.number);
  await page.locator('details.more [name=contact]').fill(second.email);
  await page.locator('details.more form.form button').click();
  await expect(page.locator('fieldset.tiles')).toHaveCount(2);
  for (const box of await page.locator('.tile > input[type=checkbox]').all()) await box.check();
  await onwards(page);
  for (const about of await page.locator('.about').all()) {
    await about.locator('input[value=dislike]').check();
    const state = about.locator('input[name^=condition][value=opened]');
    if (await state.count()) await state.check({ force: true });
  }
  await onwards(page);
  for (const wish of await page.locator('.wishes').all()) await wish.locator('input[value=refund]').check();
  await onwards(page);
  await page.locator('input[value=self_ship]').check();
  await onwards(page);
  await expect(page.locator('.receipt')).toHaveCount(2);
  await onwards(page);
  await expect(page).toHaveURL(/\/done$/);
  const rma = /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.url())![0];
  for (const { number } of [first, second]) expect((await api(`/orders/${number}`)).body.returnable[0].in_returns).toEqual([rma]);
});

test('another size is had in exchange, while there is one', async ({ page }) => {
  const { family, sku } = await stock();
  const bought = await buy({ lines: [{ ...tee, sku, quantity: 1, discount: '0.00' }] });
  await find(page, bought);
  await page.locator('.tile > input[type=checkbox]').check();
  await onwards(page);
  await tellWhy(page, { reason: 'size', sub: 'too_small', condition: 'unopened' });
  await page.locator('input[value=exchange]').check();
  await expect(page.locator('.choices .gone')).toHaveCount(1);
  await onwards(page);
  await expect(page.locator('.choices .error')).toBeVisible();
  await page.locator(`input[value="${family}-XL"]`).check({ force: true });
  await onwards(page);
  await page.locator('input[value=self_ship]').check();
  await onwards(page);
  await expect(page.locator('.receipt .total')).toContainText('20.00');
  await onwards(page);
  await expect(page).toHaveURL(/\/done$/);
  expect((await api(`/stock/HZ1/${family}-XL`)).body).toMatchObject({ reserved: 1, available: 4 });
});

test('it comes back another way after all', async ({ page }) => {
  const rma = await sendBack(page, await buy({ tier: 'diamond' }));
  await page.goto(`/returns/${rma}`);
  await page.locator('a[href$="/method"]').click();
  await choose(page, 'pickup');
  await onwards(page);
  await expect(page).toHaveURL(new RegExp(`/returns/${rma}$`));
  expect((await api(`/returns/${rma}`)).body.method).toBe('pickup');
});

test('a lost label is made anew, once', async ({ page }) => {
  const rma = await sendBack(page, await buy());
  await page.goto(`/returns/${rma}`);
  await page.locator('form[action$="/label"] button').click();
  await expect(page).toHaveURL(new RegExp(`/returns/${rma}$`));
  // A label of this minute is good; what is pressed twice makes one.
  expect((await api(`/returns/${rma}`)).body.parcels).toHaveLength(1);
});

test('one of two items is cancelled, and the other still comes back', async ({ page }) => {
  const bought = await buy({ lines: [{ ...tee, quantity: 1, discount: '0.00' }, mug] });
  const asked = ['1', '2'].map((line) => ({ line, quantity: 1, reason: 'dislike', condition: 'opened', resolution: 'refund' }));
  const body = JSON.stringify({ orders: [bought.number], method: 'self_ship', lines: asked });
  const opened = await api('/returns', { method: 'POST', body });
  expect(opened.status).toBe(201);
  const rma = opened.body.rma;
  await page.goto('/');
  await page.locator('[name=rma]').fill(rma);
  await page.locator('[name=rma_contact]').fill(bought.email);
  await page.locator('form[action="/find-return"] button').click();
  await page.locator(`a[href$="/cancel"]`).click();
  await expect(page.locator('input[name=line]')).toHaveCount(2);
  for (const box of await page.locator('input[name=line]').all()) await box.uncheck();
  await page.locator('button.danger').click();
  await expect(page.locator('.errors li')).toHaveCount(1);
  await expect(page).toHaveURL(/\/cancel$/);
  await page.locator('input[name=line]').first().uncheck();
  await page.locator('button.danger').click();
  await expect(page).toHaveURL(new RegExp(`/returns/${rma}$`));
  const now = (await api(`/returns/${rma}`)).body;
  expect(now.lines.map((line: { authorization: string }) => line.authorization)).toEqual(['approved', 'cancelled']);
  expect(now.status).toBe('approved');
  expect((await api(`/orders/${bought.number}`)).body.returnable.map((line: { available: number }) => line.available)).toEqual([0, 1]);
});
