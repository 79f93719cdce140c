/** What suppliers and carriers owe: a claim is opened, filed, agreed to and paid (P27). */
import { expect, test } from '@playwright/test';
import { nothingFound } from './axe';
import { hire } from './people';

test('a claim is opened with its deadline, filed, agreed to and paid', async ({ page, javaScriptEnabled }, info) => {
  const looksCloser = javaScriptEnabled && info.project.name === 'phone';
  await hire(page, 'warehouse,finance');
  await page.goto('/staff/claims');
  await expect(page.locator('nav a[href="/staff/claims"][aria-current=page]').first()).toBeVisible();
  const party = `Carrier ${info.project.name} ${Date.now()}`;
  await page.locator('#open > summary').click();
  await page.locator('[name=ground]').selectOption('damaged');
  await page.locator('[name=expected]').fill('49.90');
  await page.locator('#open button[type=submit]').click();
  await expect(page.locator('.errors')).toBeVisible();
  if (looksCloser) await nothingFound(page, 'claims with mistakes');
  await page.locator('[name=party]').fill(party);
  await page.locator('[name=currency]').fill('EUR');
  await page.locator('#open button[type=submit]').click();
  await expect(page.locator('.told')).toContainText(/C\d+/);
  await expect(page.locator('main')).toContainText(party);
  if (looksCloser) await nothingFound(page, 'claim');
  const at = page.url();
  await page.locator('[name=reference]').fill('4711');
  await page.locator('form[action$="/file"] button').click();
  await expect(page.locator('main')).toContainText('4711');
  await page.locator('form[action$="/agree"] button').click();
  await page.locator('[name=paid]').fill('40');
  await page.locator('form[action$="/settle"] button').click();
  await expect(page.locator('main')).toContainText('40.00');
  await expect(page.locator('main form[action^="/staff/claims"]')).toHaveCount(0);
  await page.goto('/staff/claims?state=settled');
  if (looksCloser) await nothingFound(page, 'claims');
  const row = page.locator('li').filter({ hasText: party });
  await expect(row.locator('a')).toHaveAttribute('href', new URL(at).pathname);
  const table = await page.request.get('/staff/claims/file?state=settled');
  expect(await table.text()).toContain(party);
});
