/** Withdrawing from a contract: from every page, in two steps, with an order at hand or without. */
import { expect, test } from '@playwright/test';
import { api, buy, find, mailed, onwards, signed, tee } from './shop';

const words = (en: boolean) => en
  ? { enter: 'Withdraw from contract here', confirm: 'Confirm withdrawal', received: 'We have received your withdrawal', subject: /received your withdrawal on (.*) \(([^,]+), UTC/ }
  : { enter: '在此撤回合同', confirm: '确认撤回', received: '已收到您的撤回声明', subject: /我们于(.*)（([^，]+)，UTC/ };

test('a guest withdraws from any page, and has it in writing', async ({ page }, { project }) => {
  const say = words(project.name.startsWith('desktop'));
  const bought = await buy();
  await page.goto('/policy');
  await page.getByRole('contentinfo').getByRole('link', { name: say.enter }).click();
  await expect(page).toHaveURL(/\/withdraw$/);
  await onwards(page);
  await expect(page).toHaveURL(/\/withdraw\/[0-9a-f]{32}\/change$/);
  await expect(page.locator('.errors a')).toHaveCount(3);
  await page.locator('[name=withdraw_name]').fill('Anna Berg');
  await page.locator('[name=withdraw_order]').fill(bought.number);
  await page.locator('[name=withdraw_email]').fill(bought.email);
  await onwards(page);
  await expect(page.locator('blockquote')).toContainText(bought.number);
  const button = page.locator('.foot button');
  await expect(button).toHaveText(say.confirm);
  await button.click();
  await expect(page.locator('h1')).toHaveText(say.received);
  const here = page.url();
  await page.goBack();
  if (await button.count()) await button.click();
  await expect(page.locator('h1')).toHaveText(say.received);
  expect(page.url().split('?')[0]).toBe(here);
  const [, , zone] = await mailed(bought.email, say.subject);
  if (project.use.javaScriptEnabled !== false) expect(zone).toBe(project.use.timezoneId === 'Asia/Shanghai' ? '北京时间' : project.use.timezoneId);
  const { body } = await api('/withdrawals?limit=200');
  const of = body.items.filter((item: { email: string }) => item.email === bought.email);
  expect(of).toHaveLength(1);
  await expect(async () => expect((await api(`/withdrawals/${of[0].id}`)).body.rma).toMatch(/^R-/)).toPass();
});

test('from the order that is open, only what was chosen', async ({ page }) => {
  const bought = await buy({ lines: [tee, { sku: 'MUG', name: 'Blue mug', unit_price: '49.00' }] });
  await find(page, bought);
  await page.goto('/withdraw');
  await expect(page.locator('[name=withdraw_order]')).toHaveValue(bought.number);
  await expect(page.locator('[name=withdraw_name]')).toHaveValue('王小明');
  await expect(page.locator('.which')).toBeHidden();
  await page.locator('input[value=some]').check();
  await page.locator('.which input[type=checkbox]').nth(1).check();
  await onwards(page);
  await expect(page.locator('blockquote')).toContainText('Blue mug');
  await expect(page.locator('blockquote')).not.toContainText('Cotton tee');
  await page.locator('a[href$="/change"]').click();
  await expect(page.locator('.which input[type=checkbox]').nth(1)).toBeChecked();
  await onwards(page);
  await onwards(page);
  await page.locator('a.btn[href^="/returns/R-"]').click();
  await expect(page.locator('.line')).toBeVisible();
  await expect(page.locator('main')).toContainText('Blue mug');
  await expect(page.locator('main')).not.toContainText('Cotton tee');
});

test("by the shop's link, for the whole order", async ({ page }) => {
  const bought = await buy();
  await page.goto(await signed({ order: bought.number, page: 'withdraw' }));
  await expect(page.locator('[name=withdraw_order]')).toHaveValue(bought.number);
  await onwards(page);
  await onwards(page);
  const pdf = await page.request.get(`${page.url()}/receipt.pdf`);
  expect(pdf.headers()['content-type']).toBe('application/pdf');
  await expect(page.locator('a.btn[href^="/returns/R-"]')).toBeVisible();
});

// The tenth day after delivery: the shop's own seven are over everywhere, the law's fourteen are not where there are any.
for (const [country, lang, confirm, ahead] of [
  ['DE', 'de', 'Widerruf bestätigen', true],
  ['FR', 'fr', 'Confirmer la rétractation', true],
  ['GB', 'en', 'Confirm withdrawal', true],
  ['CN', 'zh-CN', '确认撤回', false],
] as const) {
  test(`in the language of a contract of ${country}, as its law has it`, async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    const bought = await buy({ country, delivered: 10 });
    await page.goto('/withdraw');
    await page.locator('[name=withdraw_name]').fill('Anna Berg');
    await page.locator('[name=withdraw_order]').fill(bought.number);
    await page.locator('[name=withdraw_email]').fill(bought.email);
    await onwards(page);
    await expect(page.locator('.foot button')).toHaveText(confirm);
    await onwards(page);
    await expect(page.locator('blockquote')).toContainText(bought.number);
    const kept = async () => (await api('/withdrawals?limit=200')).body.items.find((item: { email: string }) => item.email === bought.email);
    // What the law gives opens its return; what it does not, a person answers.
    if (ahead) {
      await expect(async () => expect((await kept()).rma).toMatch(/^R-/)).toPass();
      const { body } = await api(`/returns/${(await kept()).rma}`);
      expect(body.lines.map((line: { basis: string; verdict: string }) => [line.basis, line.verdict])).toEqual([['law', 'approved']]);
    } else {
      await expect(async () => expect((await kept()).waits_for).toBeTruthy()).toPass();
    }
  });
}
