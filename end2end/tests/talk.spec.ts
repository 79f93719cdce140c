/** Shop and customer write to each other about a return, and what was declined is looked at again: by plain forms, and while the page is open. */
import { expect, test } from '@playwright/test';
import { buy, find, mailed, onwards, png, sendBack, staff, tee } from './shop';

const kinds = async (rma: string) => (await staff(`/returns/${rma}`)).body.tasks.map((task: { kind: string }) => task.kind);

test('shop and customer write to each other', async ({ page, javaScriptEnabled }) => {
  const bought = await buy({ lines: [{ ...tee, quantity: 1, discount: '0.00' }] });
  const rma = await sendBack(page, bought);
  await staff(`/returns/${rma}/messages`, { text: 'Is it <b>blue</b>?\nThe label says red.' });
  await mailed(bought.email, /Is it <b>blue<\/b>\?\r?\n {4}The label says red\./);
  await page.goto(`/returns/${rma}`);
  const words = page.locator('.line .words');
  await expect(words).toHaveText('Is it <b>blue</b>?\nThe label says red.', { useInnerText: true });

  await page.locator('#write summary').click();
  await page.locator('#write textarea').fill('It is red.\nHonestly.');
  if (javaScriptEnabled) {
    // News take nothing from who is writing.
    await staff(`/returns/${rma}/messages`, { text: 'Are you there?' });
    await expect(words).toHaveCount(2);
    await expect(page.locator('#write textarea')).toHaveValue('It is red.\nHonestly.');
    await expect(page.locator('a[href$="/cancel"]')).toBeVisible();
  }
  await page.locator('#write button').click();
  await expect(page).toHaveURL(new RegExp(`/returns/${rma}$`));
  await expect(page.locator('.told')).toBeVisible();
  await expect(words.last()).toHaveText('It is red.\nHonestly.', { useInnerText: true });
  expect(await kinds(rma)).toContain('answer_customer');
  await staff(`/returns/${rma}/notes`, { text: 'a secret' });
  await staff(`/returns/${rma}/messages`, { text: 'Thank you.' });
  expect(await kinds(rma)).not.toContain('answer_customer');
  if (!javaScriptEnabled) await page.reload();
  await expect(words.last()).toHaveText('Thank you.');
  await expect(page.locator('body')).not.toContainText('a secret');
});

test('nothing written is asked for again', async ({ page }) => {
  const rma = await sendBack(page, await buy());
  await page.goto(`/returns/${rma}`);
  await page.locator('#write summary').click();
  await page.locator('#write button').click();
  await expect(page).toHaveURL(new RegExp(`/returns/${rma}/write$`));
  await expect(page.locator('.errors a')).toHaveAttribute('href', '#f-words');
  await expect(page.locator('#f-words')).toHaveAttribute('aria-invalid', 'true');
});

test('what was declined is looked at again, with a photo, and approved', async ({ page, javaScriptEnabled }) => {
  const mug = { sku: 'MUG', name: 'Name mug', category: 'home', unit_price: '49.00', tags: ['personalised'] };
  const bought = await buy({ lines: [{ ...tee, quantity: 1, discount: '0.00' }, mug] });
  await find(page, bought);
  for (const box of await page.locator('.tile > input[type=checkbox]').all()) await box.check();
  await onwards(page);
  for (const about of await page.locator('.about').all()) {
    await about.locator('input[value=dislike]').check();
    const state = about.locator('input[name^=condition][value=opened]');
    if (await state.count()) await state.check({ force: true });
  }
  await onwards(page);
  await page.locator('input[value=refund]').first().check();
  await onwards(page);
  await page.locator('input[value=self_ship]').check();
  await onwards(page);
  await onwards(page);
  await expect(page).toHaveURL(/\/done$/);
  const rma = /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.url())![0];
  await page.goto(`/returns/${rma}`);
  await page.locator('a[href*="/appeal"]').click();
  await expect(page.locator('input[name=line]')).toBeChecked();
  await page.locator('form[action$="/appeal"] button').click();
  await expect(page.locator('.errors a')).toHaveAttribute('href', '#f-words');
  await page.locator('textarea').fill('There is no name on it.');
  await page.locator('form[action$="/appeal"] button').click();

  await expect(page).toHaveURL(/\/photos$/);
  const upload = page.locator('.upload').last();
  await upload.locator('input[type=file]').first().setInputFiles({ name: 'mug.png', mimeType: 'image/png', buffer: png(60, 40) });
  if (javaScriptEnabled) await expect(upload.locator('.thumb img')).toBeVisible();
  await onwards(page);
  await expect(page).toHaveURL(new RegExp(`/returns/${rma}$`));
  await expect(page.locator('.told')).toBeVisible();
  await expect(page.locator('.line .words')).toHaveText('There is no name on it.');
  await expect(page.locator('a[href*="/appeal"]')).toHaveCount(0);
  expect(await kinds(rma)).toContain('review');
  const before = await page.locator('h1').textContent();
  const { body } = await staff(`/returns/${rma}/review`, { decision: 'approve', lines: [{ line: '2' }] });
  expect([body.status, body.expected.amount]).toEqual(['approved', '148.00']);
  if (!javaScriptEnabled) await page.reload();
  await expect(page.locator('h1')).not.toHaveText(before!);
  await mailed(bought.email, /148\.00/);
});
