/** Money that no gateway takes back goes by bank transfer; what a provider reports is held against the books (P26, A6). */
import { expect, test } from '@playwright/test';
import { nothingFound } from './axe';
import { another, hire } from './people';
import { api, base, buy, staff, tee } from './shop';

test('an account is named, a file is made, the bank pays', async ({ page, browser, javaScriptEnabled, viewport }, info) => {
  test.setTimeout(120_000);
  const looksCloser = javaScriptEnabled && info.project.name === 'phone';
  const shopper = await another(browser, { javaScriptEnabled, viewport }, 'en');
  const bought = await buy({ lines: [{ ...tee, category: 'home', quantity: 1, unit_price: '100.00', discount: '0.00' }] });
  const asked = { orders: [bought.number], lines: [{ line: '1', quantity: 1, reason: 'dislike', condition: 'unopened', resolution: 'refund' }], method: 'self_ship' };
  const { body: opened } = await api('/returns', { method: 'POST', body: JSON.stringify(asked) });
  const rma: string = opened.rma;
  await staff(`/returns/${rma}/receive`, {});
  await staff(`/returns/${rma}/inspect`, { lines: [{ line: '1', result: 'accepted' }] });
  await hire(page, 'support,finance');
  await page.goto(`/staff/returns/${rma}`);
  await page.locator('form#do-grant button').click();
  await expect(page.locator('.told')).toContainText(rma);

  // The shopper names an account, and a slip is found.
  await shopper.context().request.post(`${base}/find-return`, { form: { rma, rma_contact: bought.email } });
  await shopper.goto(`/returns/${rma}`);
  await shopper.locator(`a[href="/returns/${rma}/bank"]`).click();
  await shopper.locator('[name=holder]').fill('Anna Müller');
  await shopper.locator('[name=iban]').fill('DE89 3704 0044 0532 0130 01');
  await shopper.locator('main form.form button[type=submit]').click();
  await expect(shopper.locator('.errors')).toContainText('Check the IBAN');
  if (looksCloser) await nothingFound(shopper, 'account');
  await shopper.locator('[name=holder]').fill('Anna Müller');
  await shopper.locator('[name=iban]').fill('DE89 3704 0044 0532 0130 00');
  await shopper.locator('main form.form button[type=submit]').click();
  await expect(shopper.locator('main')).toContainText('DE…3000');

  // Finance puts it into a file; the bank does it.
  await page.goto('/staff/payments/transfers');
  if (looksCloser) await nothingFound(page, 'transfers');
  for (const other of await page.locator('[name=due]:checked').all()) {
    if (!(await other.getAttribute('value'))?.startsWith(rma)) await other.uncheck();
  }
  await page.locator('form[action="/staff/payments/transfers"] button').click();
  await expect(page.locator('.told')).toContainText(/T\d+/);
  await expect(page.locator('form[action$="/left"]')).toBeVisible();
  if (looksCloser) await nothingFound(page, 'transfer');
  const table = await page.request.get(`${page.url()}/transfers.csv`);
  expect(await table.text()).toContain('DE89370400440532013000');
  await page.locator('form[action$="/left"] button').click();
  await expect(page.locator('form[action$="/left"]')).toHaveCount(0);
});

test('a report that does not fit shows on the queue until it is settled', async ({ page, javaScriptEnabled }, info) => {
  await hire(page, 'finance');
  await page.goto('/staff/differences');
  const reference = `re_${info.project.name}_${Date.now()}`.replace(/[^A-Za-z0-9_]/g, '_');
  await page.locator('details.card summary').click();
  const buffer = Buffer.from(`id,amount,currency,status,created\n${reference},12.50,eur,succeeded,1763719200\n`);
  await page.locator('[name=file]').setInputFiles({ name: 'may.csv', mimeType: 'text/csv', buffer });
  await page.locator('form[enctype] button').click();
  await expect(page.locator('.told')).toContainText(/K\d+/);
  const row = page.locator('li').filter({ hasText: reference });
  await expect(row).toContainText('12.50');
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'differences');
  await page.goto('/staff');
  await expect(page.locator('a[href="/staff/differences"]')).toBeVisible();
  await page.goto('/staff/differences');
  await row.locator('summary').click();
  await row.locator('[name=reason]').fill('A test of theirs.');
  await row.locator('form button').click();
  await page.goto('/staff/differences?state=settled');
  await expect(page.locator('li').filter({ hasText: reference })).toContainText('A test of theirs.');
});
