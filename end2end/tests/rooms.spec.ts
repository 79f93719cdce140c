/** Rooms of people at work that are lists and reports: pickups, feedback, compensation (A13, B9, C34, C37). */
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
