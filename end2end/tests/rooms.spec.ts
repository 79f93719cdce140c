/** Rooms of people at work that are lists and reports: pickups, feedback, compensation, what is held of customers (A13, B9, C34, C37). */
import { expect, test } from '@playwright/test';
import { nothingFound } from './axe';
import { hire } from './people';

for (const [name, path] of [['pickups', '/staff/pickups'], ['feedback', '/staff/reports/feedback'], ['compensation', '/staff/compensations']]) {
  test(`${name} can be read by anybody who works there, and not by others`, async ({ page, javaScriptEnabled }, info) => {
    await hire(page, 'support');
    await page.goto(path);
    await expect(page.locator(`nav a[href="${path}"][aria-current=page]`).first()).toBeVisible();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide).toBeLessThanOrEqual(0);
    if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, name);
    await page.goto('/staff/me');
    await page.locator('form[action="/staff/sign-out"] button').click();
    await page.goto(path);
    await expect(page).toHaveURL(/\/staff\/sign-in/);
  });
}

test('an area whose slots cannot be read keeps what was typed', async ({ page }) => {
  await hire(page, 'warehouse');
  await page.goto('/staff/pickups');
  await page.locator('details > summary').filter({ hasText: /Add an area|添加/ }).click();
  const form = page.locator('form[action="/staff/pickups/areas"]').last();
  await form.locator('[name=name]').fill('Mitte');
  await form.locator('button[type=submit]').click();
  await expect(page.locator('.errors')).toBeVisible();
  await expect(page.locator('form[action="/staff/pickups/areas"] [name=name]').last()).toHaveValue('Mitte');
});

test('an admin finds a customer, and types who they are before anything is erased', async ({ page, javaScriptEnabled }, info) => {
  await hire(page, 'admin');
  await page.goto('/staff/privacy');
  await page.locator('form[action="/staff/privacy"] [name=customer]').fill('grace@example.com');
  await page.locator('form[action="/staff/privacy"] button').click();
  await expect(page.locator('a[href^="/staff/privacy/file"]')).toBeVisible();
  // Returns of theirs are open in the demo shop: that is said, each with its page, and nothing can be erased.
  await expect(page.locator('main a[href^="/staff/returns/R-"]').first()).toBeVisible();
  await expect(page.locator('[name=typed]')).toHaveCount(0);
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'privacy');
  // Of somebody without any return everything can go; what is typed otherwise changes nothing.
  await page.goto('/staff/privacy?customer=sophie%40example.com');
  await page.locator('[name=typed]').fill('sophie@example.org');
  await page.locator('form[action="/staff/privacy/erase"] button').click();
  await expect(page.locator('.errors')).toBeVisible();
  await expect(page.locator('[name=typed]')).toBeVisible();
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'privacy-erase');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
});
