/** The dock: what came is booked in, looked at unit by unit and put away, and the shopper sees each step (A4, A5, N8, P5). */
import { expect, test } from '@playwright/test';
import { nothingFound } from './axe';
import { another, hire } from './people';
import { api, base, buy, staff, tee } from './shop';

test('what came is booked in, looked at and put away; the shopper sees it', async ({ page, browser, javaScriptEnabled, viewport }, info) => {
  test.setTimeout(120_000);
  const shopper = await another(browser, { javaScriptEnabled, viewport }, 'en');
  const bought = await buy({ lines: [{ ...tee, quantity: 5, discount: '0.00' }] });
  const asked = { orders: [bought.number], lines: [{ line: '1', quantity: 5, reason: 'dislike', condition: 'unopened', resolution: 'refund' }], method: 'self_ship' };
  const { body: opened } = await api('/returns', { method: 'POST', body: JSON.stringify(asked) });
  const rma: string = opened.rma;
  await shopper.context().request.post(`${base}/find-return`, { form: { rma, rma_contact: bought.email } });
  await shopper.goto(`/returns/${rma}`);
  const number = opened.parcels[0]?.tracking_number;
  expect(number, 'it has a label').toBeTruthy();
  await staff(`/returns/${rma}/scans`, { tracking_number: number, status: 'delivered', at: new Date(Date.now() - 60_000).toISOString() });

  await hire(page, 'warehouse');
  await page.goto(`/staff/search?q=${number}`);
  await page.locator('main a.task').first().click();
  await expect(page).toHaveURL(`/staff/returns/${rma}`);
  const receive = page.locator('form#do-receive');
  await expect(receive).toBeVisible();
  await expect(receive.locator('[name="came|1"]')).toHaveValue('5');
  if (javaScriptEnabled && info.project.name === 'phone') {
    await nothingFound(page, 'receive', (scheme) => page.screenshot({ path: info.outputPath(`receive-${scheme}.png`), fullPage: true }));
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  }
  // Six are more than five: said at the number, and what was typed stays.
  await receive.locator('[name="came|1"]').fill('4');
  await receive.locator('[name="short|1"]').fill('2');
  await receive.locator('button').click();
  await expect(page.locator('.errors')).toBeVisible();
  await expect(receive.locator('[name="short|1"]')).toHaveValue('2');
  await receive.locator('[name="short|1"]').fill('1');
  await receive.locator('button').click();
  await expect(page.locator('.told')).toContainText(rma);
  if (!javaScriptEnabled) await shopper.reload();
  await expect(shopper.locator('body')).toContainText('something in it is not as announced');

  const look = page.locator('form#do-inspect-1');
  await expect(look).toBeVisible();
  const inspect = async (units: string, result: string, grade: string, to: string, worn: string, why?: string) => {
    await look.locator('[name="units|1"]').fill(units);
    await look.locator(`[name="result|1"][value=${result}]`).check();
    await look.locator('[name="grade|1"]').selectOption(grade);
    await look.locator('[name="to|1"]').selectOption(to);
    await look.locator('[name="answer|worn|1"]').selectOption(worn);
    // Elsewhere than the shop's rules say: with a reason.
    if (why) await look.locator('[name="why|1"]').fill(why);
    await look.locator('button').click();
    await expect(page.locator('.told')).toContainText(rma);
  };
  if (javaScriptEnabled && info.project.name === 'phone') {
    await nothingFound(page, 'inspect', (scheme) => page.screenshot({ path: info.outputPath(`inspect-${scheme}.png`), fullPage: true }));
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  }
  await inspect('1', 'accepted', 'A', 'restock', 'none');
  await inspect('1', 'accepted', 'B', 'resell', 'slight');
  await inspect('1', 'downgraded', 'D', 'scrap', 'clear', 'It is mouldy.');
  await expect(page.locator('.errors')).toHaveCount(0);
  await inspect('1', 'rejected', '', 'send_back', 'clear', 'The customer asked for it.');
  await expect(look).toHaveCount(0);
  if (!javaScriptEnabled) await shopper.reload();
  await expect(shopper.locator('body')).toContainText('Something is not as you said');
  const { body: seen } = await api(`/returns/${rma}`);
  const lots = seen.lines[0].lots.map((lot: { inspection: string; disposition: string }) => `${lot.inspection} ${lot.disposition}`).sort();
  expect(lots).toEqual(['accepted resell', 'accepted restock', 'downgraded scrap', 'pending none', 'rejected send_back']);
  await expect(page.locator('.goods')).toBeVisible();
  if (javaScriptEnabled && info.project.name === 'phone') await nothingFound(page, 'goods', (scheme) => page.screenshot({ path: info.outputPath(`goods-${scheme}.png`), fullPage: true }));
});
