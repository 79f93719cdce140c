/** Many hands at one desk: a saved reply, a macro, and several cases at once. */
import { expect, test, type Page } from '@playwright/test';
import { nothingFound } from './axe';
import { api } from './shop';
import { another, dear, hire } from './people';

/** Opens the form of something new on a page of what is shared. */
async function anew(page: Page) {
  const card = page.locator('details.card').first();
  if ((await card.getAttribute('open')) === null) await card.locator('> summary').click();
  return card.locator('form').first();
}

async function reply(page: Page, name: string, en: string, zh: string) {
  await page.goto('/staff/replies');
  const form = await anew(page);
  await form.locator('[name=name]').fill(name);
  await form.locator('[name="text|en"]').fill(en);
  await form.locator('[name="text|zh-CN"]').fill(zh);
  await form.locator('button').click();
  await expect(page.locator('.told')).toContainText(name);
}

/** Axe, in both schemes, and nothing that sticks out. */
async function look(page: Page, name: string, path: (name: string) => string) {
  await nothingFound(page, name, (scheme) => page.screenshot({ path: path(`${name}-${scheme}.png`), fullPage: true }));
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(over, `${name} is too wide`).toBeLessThanOrEqual(0);
}

test('a reply is filled, a macro is tried, and several are done at once', async ({ page, browser, javaScriptEnabled, locale, viewport, baseURL }, info) => {
  test.setTimeout(180_000);
  const scripts = javaScriptEnabled !== false;
  const like = { javaScriptEnabled, locale, viewport };
  const shopper = await another(browser, like, 'en');
  const rmas = [await dear(shopper), await dear(await another(browser, like, 'en')), await dear(await another(browser, like, 'en'))];
  await page.context().addCookies([{ name: 'lang', value: 'en', url: baseURL! }]);
  const { name: me } = await hire(page, 'support');
  const id = me.split(' ')[1];
  const seen = async (name: string) => {
    if (scripts) await look(page, name, (file) => info.outputPath(file));
  };

  // A place that nothing is known by is refused when it is saved.
  await page.goto('/staff/replies');
  const form = await anew(page);
  await form.locator('[name=name]').fill(`Photo ${id}`);
  await form.locator('[name="text|en"]').fill('Hello {boss}');
  await form.locator('button').click();
  await expect(page.locator('.errors')).toContainText('{boss}');
  await seen('replies');
  await reply(page, `Photo ${id}`, 'Please show us {items} of {order_number}. {tracking_number}', '请补充{items}的照片。');
  await reply(page, `Soon ${id}`, 'We look at {return_number} today.', '我们今天处理 {return_number}。');

  // Filled in, it may be changed, and is not sent while something is missing.
  await page.goto(`/staff/returns/${rmas[0]}`);
  const write = page.locator('#do-write');
  await page.locator('details', { has: write }).locator('> summary').click();
  const box = write.locator('textarea');
  if (scripts) {
    await box.press('/');
    await expect(write.locator('select[name=reply]')).toBeFocused();
  }
  await write.locator('select[name=reply]').selectOption({ label: `Photo ${id}` });
  await write.locator('button[formaction]').click();
  await expect(box).toHaveValue(/Please show us Camera body of .+\{tracking_number\}/);
  await seen('filled');
  await write.locator('button[type=submit]:not([formaction])').click();
  await expect(page.locator('.errors')).toContainText('{tracking_number}');
  await box.fill((await box.inputValue()).replace(' {tracking_number}', ''));
  await write.locator('button[type=submit]:not([formaction])').click();
  await expect(page.locator('.told')).toContainText('message sent');
  await shopper.goto(`/returns/${rmas[0]}`);
  await expect(shopper.locator('#content')).toContainText('Please show us Camera body');

  // A macro says what it would do, then does it.
  await page.goto('/staff/macros');
  const made = await anew(page);
  await made.locator('[name=name]').fill(`Mine ${id}`);
  await made.locator('[name=reply]').selectOption({ label: `Soon ${id}` });
  await made.locator('[name=hand]').selectOption('me');
  await made.locator('button').click();
  await expect(page.locator('.told')).toContainText(`Mine ${id}`);
  await seen('macros');
  await page.goto(`/staff/returns/${rmas[0]}`);
  await page.locator('#macro').selectOption({ label: `Mine ${id}` });
  await page.locator('form[action$="/macro"] button').click();
  await expect(page.locator('.letter')).toHaveText(`We look at ${rmas[0]} today.`);
  await seen('macro');
  await page.locator('form[method=post][action$="/macro"] button').click();
  await expect(page.locator('.told')).toContainText(`Mine ${id}`);

  // Those that are ticked fit; each is done by itself.
  for (const rma of rmas.slice(1)) {
    await page.goto(`/staff/returns/${rma}`);
    await page.locator('details.decide', { has: page.locator('button[value=me]') }).locator('> summary').click();
    await page.locator('button[value=me]').click();
  }
  await page.goto('/staff?view=mine');
  await expect(page.locator('input[name=case]')).toHaveCount(3);
  await page.locator('details.bulk > summary').click();
  await seen('queue');
  for (const rma of rmas.slice(1)) await page.locator(`input[name=case][value="${rma}"]`).check();
  await page.locator('#bulk-macro').selectOption({ label: `Mine ${id}` });
  await page.locator('details.bulk button').click();
  await expect(page).toHaveURL(/\/staff\/bulk\//);
  await seen('bulk');
  // A reload while the answer is on its way breaks it off.
  await Promise.all([page.waitForEvent('load'), page.locator('form[action^="/staff/bulk/"] button').click()]);
  await expect.poll(async () => { await page.reload(); return page.locator('h1').innerText(); }, { timeout: 30_000 }).toBe('Done');
  await seen('bulk-done');

  // A view that is kept stands beside the others.
  await page.goto('/staff');
  const keep = page.locator('details.card', { has: page.locator('[name=sight]') });
  await keep.locator('> summary').click();
  await keep.locator('[name=name]').fill(`Own ${id}`);
  await keep.locator('[name=sight]').selectOption('mine');
  await keep.locator('button').click();
  await expect(page.locator('.views [aria-current=page]')).toContainText(`Own ${id}`);
  await seen('view');
  await page.locator('form[action$="/delete"] button').click();
  await expect(page.locator('.views')).not.toContainText([`Own ${id}`]);
  expect((await api(`/returns/${rmas[0]}`)).status).toBe(200);
});

test('an admin says who gets what', async ({ page, browser, javaScriptEnabled, locale, viewport, baseURL }, info) => {
  test.setTimeout(120_000);
  await page.context().addCookies([{ name: 'lang', value: 'en', url: baseURL! }]);
  const colleague = await another(browser, { javaScriptEnabled, locale, viewport }, 'en');
  const { name } = await hire(colleague, 'finance');
  await hire(page, 'admin');
  await page.goto('/staff/rules');
  const form = await anew(page);
  await form.locator('[name=name]').fill(`Pay ${name}`);
  await form.locator('button').click();
  await expect(page.locator('.errors')).toContainText('at least one person');
  if (javaScriptEnabled !== false) await look(page, 'rules', (file) => info.outputPath(file));
  const again = page.locator('details[open] form').first();
  await again.locator('[name=kind][value=pay]').check();
  await again.getByLabel(name, { exact: true }).check();
  await again.locator('button').click();
  await expect(page.locator('.told')).toContainText(`Pay ${name}`);
  await expect(page.locator('#content')).toContainText(`Pay · to ${name}`);
  await page.locator('li.card', { hasText: `Pay ${name}` }).locator('summary').click();
  await page.locator('li.card', { hasText: `Pay ${name}` }).locator('form[action$="/delete"] button').click();
  await expect(page.locator('.told')).toContainText('Deleted');
});
