/** People at work come in by the shop's own provider, with nothing of ours to remember (P13). */
import { expect, test, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { environment as env, issuer, program } from './shop';

const button = 'form[action="/staff/sign-on"] button';

/** Says at the provider who they are. */
async function at(page: Page, email: string) {
  await expect(page).toHaveURL(new RegExp(`^${issuer}/`));
  await page.locator('[name=login]').fill(email);
  await page.locator('[name=password]').fill('anything');
  await page.locator('button[type=submit]').click();
  // "Continue": they let the portal know.
  await page.locator('button[type=submit]').click();
}

test('somebody at work comes in by the provider', async ({ page }) => {
  const email = `${randomUUID().slice(0, 8)}@work.example`;
  execFileSync(program, ['user', 'add', '--name', 'Li Na', '--email', email, '--roles', 'support'], { env, stdio: 'ignore' });
  await page.goto('/staff/coming');
  await expect(page).toHaveURL(/\/staff\/sign-in\?next=/);
  await page.locator(button).click();
  await at(page, email);
  await expect(page).toHaveURL(/\/staff\/coming$/);
  await expect(page.locator('.whose')).toContainText('Li Na');
  await page.locator('form[action="/staff/sign-out"] button').click();
  await expect(page).toHaveURL(/\/staff\/sign-in$/);
  // The provider knows them still.
  await page.locator(button).click();
  await expect(page).toHaveURL(/\/staff$/);
});

test('whoever does not work here is told so', async ({ page }) => {
  await page.goto('/staff/sign-in');
  await page.locator(button).click();
  await at(page, `${randomUUID().slice(0, 8)}@elsewhere.example`);
  await expect(page).toHaveURL(/\/staff\/sign-in$/);
  await expect(page.locator('.errors')).toBeVisible();
  await expect(page.locator('.whose')).toHaveCount(0);
});

test('an address that the provider has not confirmed opens nothing', async ({ page }) => {
  const email = `unconfirmed-${randomUUID().slice(0, 8)}@work.example`;
  execFileSync(program, ['user', 'add', '--name', 'Li Na', '--email', email, '--roles', 'support'], { env, stdio: 'ignore' });
  await page.goto('/staff/sign-in');
  await page.locator(button).click();
  await at(page, email);
  await expect(page).toHaveURL(/\/staff\/sign-in$/);
  await expect(page.locator('.errors')).toBeVisible();
});
