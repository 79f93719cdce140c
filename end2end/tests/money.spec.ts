/** The whole loop: opened, received, found worth less, offered, accepted, promised and paid; each sees the other's step (A6, B34, N8, C10). */
import { expect, test } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { nothingFound } from './axe';
import { another, hire } from './people';
import { api, base, buy, staff, tee } from './shop';

test('what is worth less is offered, accepted, promised and paid', async ({ page, browser, javaScriptEnabled, viewport }, info) => {
  test.setTimeout(120_000);
  const shopper = await another(browser, { javaScriptEnabled, viewport }, 'en');
  const bought = await buy({ lines: [{ ...tee, category: 'home', quantity: 1, unit_price: '100.00', discount: '0.00' }] });
  const asked = { orders: [bought.number], lines: [{ line: '1', quantity: 1, reason: 'dislike', condition: 'unopened', resolution: 'refund' }], method: 'self_ship' };
  const { body: opened } = await api('/returns', { method: 'POST', body: JSON.stringify(asked) });
  const rma: string = opened.rma;
  await shopper.context().request.post(`${base}/find-return`, { form: { rma, rma_contact: bought.email } });
  await shopper.goto(`/returns/${rma}`);
  await staff(`/returns/${rma}/receive`, {});
  const looked = await staff(`/returns/${rma}/inspect`, { lines: [{ line: '1', result: 'downgraded', grade: 'C', deduct: { percent: '30' } }] });
  expect(looked.status, JSON.stringify(looked.body)).toBe(200);

  // Support offers what is left.
  await hire(page, 'support,finance');
  await page.goto(`/staff/returns/${rma}`);
  const offer = page.locator('form#do-offer');
  await expect(offer).toBeVisible();
  await offer.locator('[name="offer-amount"]').fill('one');
  await offer.locator('button').click();
  await expect(page.locator('.errors')).toBeVisible();
  await expect(offer.locator('[name="offer-amount"]')).toHaveValue('one');
  await offer.locator('[name="offer-amount"]').fill('');
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'offer');
  await offer.locator('button').click();
  await expect(page.locator('.told')).toContainText(rma);

  // The shopper sees it and accepts.
  if (!javaScriptEnabled) await shopper.reload();
  await expect(shopper.locator('main')).toContainText('Answer our offer');
  await shopper.goto(`/returns/${rma}/offer`);
  await shopper.locator('[value=accept]').check();
  await shopper.locator('form').filter({ has: shopper.locator('[value=accept]') }).locator('button[type=submit]').click();
  await expect(shopper).toHaveURL(new RegExp(`/returns/${rma}`));

  // Finance promises and pays.
  await page.goto(`/staff/returns/${rma}`);
  const grant = page.locator('form#do-grant');
  await expect(grant).toBeVisible();
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'grant');
  await grant.locator('button').click();
  await expect(page.locator('.told')).toContainText(rma);
  await page.goto(`/staff/returns/${rma}`);
  const pay = page.locator('form#do-pay');
  await pay.locator('[name="pay-method"]').selectOption('store_credit');
  await pay.locator('button').click();
  await expect(page.locator('.errors')).toContainText(/store credit|购物金/);
  await pay.locator('[name="pay-method"]').selectOption('manual');
  await pay.locator('[name="reference"]').fill('SEPA 14');
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'pay');
  await pay.locator('button').click();
  await expect(page.locator('.told')).toContainText(rma);
  if (!javaScriptEnabled) await shopper.reload();
  await expect(shopper.locator('main')).toContainText('70.00');
  const { body: paid } = await api(`/returns/${rma}`);
  expect([paid.status, paid.paid.amount]).toEqual(['completed', '70.00']);

  // It is in finance's list, and in the file for the books.
  await page.goto('/staff/payments?state=paid');
  await expect(page.locator('main')).toContainText(rma);
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'payments', (scheme) => page.screenshot({ path: info.outputPath(`payments-${scheme}.png`), fullPage: true }));
  const today = new Date();
  const day = (offset: number) => new Date(today.getTime() + offset * 86_400_000).toISOString().slice(0, 10);
  const file = await page.request.get(`/staff/payments/file?from=${day(-1)}&to=${day(1)}`);
  expect(await file.text()).toContain(`${rma},p1,g1,`);
});

test('what is dearer in exchange is paid before it leaves', async ({ page, browser, javaScriptEnabled, viewport }, info) => {
  test.setTimeout(120_000);
  const shopper = await another(browser, { javaScriptEnabled, viewport }, 'en');
  const family = `E2E-${randomUUID().slice(0, 8)}`;
  for (const [size, price] of [['M', '100.00'], ['L', '120.00']]) {
    const told = { quantity: 9, variant_of: family, variant: size, price, currency: 'CNY' };
    await api(`/stock/HZ1/${family}-${size}`, { method: 'PUT', body: JSON.stringify(told) });
  }
  const bought = await buy({ lines: [{ ...tee, sku: `${family}-M`, category: 'home', quantity: 1, unit_price: '100.00', discount: '0.00' }] });
  const line = { line: '1', quantity: 1, reason: 'dislike', condition: 'unopened', resolution: 'exchange', exchange_sku: `${family}-L` };
  const { body: opened } = await api('/returns', { method: 'POST', body: JSON.stringify({ orders: [bought.number], lines: [line], method: 'self_ship' }) });
  const rma: string = opened.rma;
  expect(opened.due?.amount, JSON.stringify(opened)).toBe('20.00');
  await staff(`/returns/${rma}/receive`, {});
  await staff(`/returns/${rma}/inspect`, { lines: [{ line: '1', result: 'accepted', disposition: 'restock' }] });
  await shopper.context().request.post(`${base}/find-return`, { form: { rma, rma_contact: bought.email } });

  // Support owes it; the shopper reads what it costs.
  await hire(page, 'support,finance');
  await page.goto(`/staff/returns/${rma}`);
  await page.locator('form#do-grant button').click();
  await expect(page.locator('.told')).toContainText(rma);
  await shopper.goto(`/returns/${rma}`);
  await expect(shopper.locator('main')).toContainText('Your new item costs more');
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(shopper, 'pay first');

  // It cannot leave before; then finance records what came by transfer.
  await page.goto(`/staff/returns/${rma}`);
  const open = async (form: string) => {
    const box = page.locator(`details:has(form#${form})`);
    if ((await box.getAttribute('open')) === null) await box.locator('summary').click();
    return page.locator(`form#${form}`);
  };
  const remedy = await open('do-remedy');
  await remedy.locator('[name="state"]').selectOption('shipped');
  await remedy.locator('button').click();
  await expect(page.locator('.errors')).toContainText('20.00');
  const collect = await open('do-collect');
  await collect.locator('[name="collect-amount"]').fill('20.00');
  await collect.locator('button').click();
  await expect(page.locator('.errors')).toBeVisible();
  await expect(collect.locator('[name="collect-amount"]')).toHaveValue('20.00');
  await collect.locator('[name="collect-reference"]').fill('SEPA 15');
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'collect');
  await collect.locator('button').click();
  await expect(page.locator('.told')).toContainText(rma);
  if (!javaScriptEnabled) await shopper.reload();
  await expect(shopper.locator('main')).toContainText('You paid');
  await expect(shopper.locator('main')).not.toContainText('Your new item costs more');
  await staff(`/returns/${rma}/remedies/m1`, { state: 'shipped', reference: 'OUT-1' });
  await staff(`/returns/${rma}/remedies/m1`, { state: 'delivered' });
  const { body: done } = await api(`/returns/${rma}`);
  expect([done.status, done.ended, done.due.amount]).toEqual(['completed', 'exchanged', '0.00']);
});
