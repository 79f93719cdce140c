/** A device of the house is paired by an admin's code, and people of the warehouse come in on it by their password alone (N16, P13). */
import { expect, test } from '@playwright/test';
import { another, hire, password } from './people';
import { base } from './shop';

test('a dock is paired by a code, and its people come in by their password', async ({ page, browser, javaScriptEnabled, viewport }, { project }) => {
  test.skip(!['phone', 'desktop without JavaScript'].includes(project.name), 'once with a script and once without');
  test.setTimeout(120_000);
  const clerk = await another(browser, { javaScriptEnabled, viewport }, 'en');
  const { name, email } = await hire(clerk, 'warehouse');
  await clerk.context().close();
  await page.context().addCookies([{ name: 'lang', value: 'en', url: base }]);
  await hire(page, 'admin');
  await page.goto('/staff/devices');
  await page.locator('main summary').first().click();
  const device = `Dock of ${name}`;
  await page.locator('details [name=name]').fill(device);
  await page.locator('details button.btn:not([name=days])').click();
  const code = await page.locator('b.key').innerText();
  await page.reload();
  await expect(page.locator('b.key')).toHaveCount(0);

  const dock = await another(browser, { javaScriptEnabled, viewport }, 'en');
  await dock.goto('/staff/pair');
  await dock.locator('[name=code]').fill('AAAA-AAAA');
  await dock.locator('form[action="/staff/pair"] button').click();
  await expect(dock.locator('.errors')).toBeVisible();
  await dock.locator('[name=code]').fill(code.toLowerCase());
  await dock.locator('form[action="/staff/pair"] button').click();
  await expect(dock).toHaveURL(/\/staff\/sign-in$/);
  await expect(dock.locator('main')).toContainText(device);
  const door = dock.locator('form[action="/staff/sign-in"]').first();
  await door.locator('[name=email]').fill(email);
  await door.locator('[name=password]').fill(password);
  await door.locator('button').click();
  await expect(dock).toHaveURL(/\/staff$/);
  await dock.goto('/staff/scan');
  await expect(dock.locator('main [name=code], main input').first()).toBeVisible();

  // An admin ends it: whoever was in on it is out.
  await page.goto('/staff/devices');
  await page.locator('li.card', { hasText: device }).locator('button.danger').click();
  await expect(page.locator('.told')).toContainText(device);
  await dock.goto('/staff');
  await expect(dock).toHaveURL(/\/staff\/sign-in/);
  await dock.context().close();
});
