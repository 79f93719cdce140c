/** A return from the first click to its end, each at their own page: opened, reviewed, booked in, looked at, one item worth less, paid, the other
    exchanged (A6, A10, B34, N8, P7); and the same by rules, where nobody clicks. */
import { expect, test, type Page } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { another, hire } from './people';
import { api, base, buy, daysAgo, environment, find, onwards, program, stock, tee } from './shop';

test('from the first click to the last, everybody at their page', async ({ page: shopper, browser, javaScriptEnabled, viewport, locale }, { project }) => {
  test.skip(!['desktop', 'phone without JavaScript'].includes(project.name), 'the longest way: once with a script and once without');
  test.setTimeout(240_000);
  const moves = javaScriptEnabled !== false;
  const sees = async (text: string | RegExp) => {
    if (!moves) await shopper.reload();
    await expect(shopper.locator('#content')).toContainText(text, { timeout: moves ? 3_000 : 5_000 });
  };
  const colleague = async (roles: string) => {
    const page = await another(browser, { javaScriptEnabled, locale, viewport }, 'en');
    await hire(page, roles);
    return page;
  };
  await shopper.context().addCookies([{ name: 'lang', value: 'en', url: base }]);

  // Two wishes: money for the camera, another size for the tee.
  const { family, sku } = await stock();
  const camera = { sku: 'CAM', name: 'Camera body', category: 'electronics', unit_price: '8999.00' };
  await find(shopper, await buy({ lines: [camera, { ...tee, sku, quantity: 1, discount: '0.00' }] }));
  for (const box of await shopper.locator('.tile > input[type=checkbox]').all()) await box.check();
  await onwards(shopper);
  for (const [place, reason, condition] of [[0, 'dislike', 'opened'], [1, 'size', 'unopened']] as const) {
    const about = shopper.locator('.about').nth(place);
    await about.locator(`input[name^="reason|"][value=${reason}]`).check();
    if (reason === 'size') await about.locator('input[value=too_small]').check({ force: true });
    const state = about.locator(`input[name^="condition|"][value=${condition}]`);
    if (await state.count()) await state.check({ force: true });
  }
  await onwards(shopper);
  await shopper.locator('.wishes').nth(0).locator('input[value=refund]').check();
  await shopper.locator('.wishes').nth(1).locator('input[value=exchange]').check();
  await shopper.locator(`input[value="${family}-L"]`).check({ force: true });
  await onwards(shopper);
  await shopper.locator('input[value=self_ship]').first().check();
  await onwards(shopper);
  await onwards(shopper);
  await expect(shopper).toHaveURL(/\/returns\/R-[^/]+\/done$/);
  const rma = /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(shopper.url())![0];
  await shopper.goto(`/returns/${rma}`);
  const at = async (page: Page) => {
    await page.goto(`/staff/returns/${rma}`);
    return page;
  };
  /** The form, its box opened where it is closed. */
  const form = async (page: Page, id: string) => {
    const form = (await at(page)).locator(`form#${id}`);
    if (!(await form.isVisible())) await page.locator('details', { has: form }).locator('summary').first().click();
    return form;
  };
  const done = (page: Page) => expect(page.locator('.told')).toContainText(rma);

  // Support approves what waits.
  const support = await colleague('support');
  await (await at(support)).locator('#do-approve button[type=submit]:not([formaction])').click();
  await done(support);
  await sees('We approved it');

  // The dock books both in, and looks at them: one is worth less.
  const dock = await colleague('warehouse');
  await (await form(dock, 'do-receive')).locator('button').last().click();
  await done(dock);
  await sees('We have your items');
  for (const [line, result, grade] of [['1', 'downgraded', 'C'], ['2', 'accepted', 'A']]) {
    const look = await form(dock, `do-inspect-${line}`);
    await look.locator(`[name="result|${line}"][value=${result}]`).check();
    await look.locator(`[name="grade|${line}"]`).selectOption(grade);
    for (const question of await look.locator('select[name^="answer|"]').all()) await question.selectOption({ index: 1 });
    await look.locator('button').last().click();
    await done(dock);
  }
  await sees('Something is not as you said');

  // Support offers what it is worth, and the shopper accepts.
  const offer = await form(support, 'do-offer');
  await offer.locator('[name="offer-amount"]').fill('7000');
  await offer.locator('button').click();
  await done(support);
  await sees('7,000.00');
  await shopper.goto(`/returns/${rma}/offer`);
  await shopper.locator('[value=accept]').check();
  await shopper.locator('form').filter({ has: shopper.locator('[value=accept]') }).locator('button[type=submit]').click();
  await sees('You agreed to our offer');

  // Finance promises all that is due, and pays.
  const finance = await colleague('finance');
  await (await at(finance)).locator('form#do-grant button').click();
  await done(finance);
  await sees('Your refund of');
  const pay = (await at(finance)).locator('form#do-pay');
  await pay.locator('[name="pay-method"]').selectOption('manual');
  await pay.locator('[name=reference]').fill('SEPA 21');
  await pay.locator('button').click();
  await done(finance);
  await sees(/7,000\.00 has been sent to you/);

  // The new size leaves, and the return is at its end once it has arrived.
  for (const [state, number, text] of [['shipped', 'T-77', 'Your new item is on its way'], ['delivered', '', 'Your new item has arrived']]) {
    const item = await form(dock, 'do-remedy');
    await item.locator('[name=state]').selectOption(state);
    await item.locator('[name=reference]').fill(number);
    await item.locator('button').click();
    await done(dock);
    await sees(text);
  }
  const { body: ended } = await api(`/returns/${rma}`);
  expect([ended.status, ended.granted.amount, ended.paid.amount]).toEqual(['completed', '7000.00', '7000.00']);
  for (const page of [support, dock, finance]) await page.context().close();
});

test('by rules alone: nobody clicks, and the shopper has the money', async ({ page }, { project, parallelIndex }) => {
  test.skip(project.name !== 'desktop', 'a shop of its own; one browser is enough');
  test.setTimeout(120_000);
  const port = 3850 + parallelIndex;
  const shop = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'homebound-'));
  const env = { ...environment, HOMEBOUND_LISTEN: `127.0.0.1:${port}`, HOMEBOUND_PUBLIC_URL: shop, HOMEBOUND_DATA_DIR: folder, HOMEBOUND_DEMO: 'false' };
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, JSON.stringify({
    homebound_policy: 1, time_zone: 'Europe/Berlin',
    window: [{ id: 'all', then: { days: 30 } }],
    resolution: [{ id: 'all', then: { offer: ['store_credit', 'refund'] } }],
    grade: [{ id: 'all', then: { C: 30 } }],
    payout: [{ id: 'all', then: { by: 'rules', up_to: { EUR: '250.00' } } }],
  }));
  execFileSync(program, ['policy', 'publish', policy, '--from', daysAgo(30), '--backdate'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const keys = Object.fromEntries(['write', 'staff'].map((scope) => [scope, execFileSync(program, ['key', 'add', '--name', scope, '--scope', scope], { env }).toString().trim()]));
  const server = spawn(program, ['serve'], { env, stdio: 'ignore' });
  const over = new Promise((resolve) => server.once('exit', resolve));
  try {
    await expect.poll(() => fetch(`${shop}/readyz`).then((answer) => answer.ok, () => false), { timeout: 30_000 }).toBe(true);
    const call = async (as: string, method: string, path: string, body: object) => {
      const headers = { authorization: `Bearer ${keys[as]}`, 'content-type': 'application/json' };
      const answer = await fetch(`${shop}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
      expect(answer.ok, await answer.clone().text()).toBe(true);
      return answer.json();
    };
    await call('write', 'PUT', '/orders/N-1', {
      number: 'N-1', placed_at: daysAgo(6), currency: 'EUR', ship_to: { country: 'DE' },
      customer: { id: 'c-1', name: 'Anna Berg', email: 'n1@example.com' },
      lines: [{ id: '1', sku: 'VASE', name: 'Blue vase', category: 'home', quantity: 1, unit_price: '80.00' }],
      deliveries: [{ shipped_at: daysAgo(4), delivered_at: daysAgo(2) }],
    });
    const line = { line: '1', quantity: 1, reason: 'dislike', condition: 'opened', resolution: 'store_credit' };
    const { rma, status } = await call('write', 'POST', '/returns', { orders: ['N-1'], method: 'self_ship', lines: [line] });
    expect(status).toBe('approved');
    await page.context().addCookies([{ name: 'lang', value: 'en', url: shop }]);
    await page.context().request.post(`${shop}/find-return`, { form: { rma, rma_contact: 'n1@example.com' } });
    await page.goto(`${shop}/returns/${rma}`);
    await call('staff', 'POST', `/returns/${rma}/receive`, {});
    await expect(page.locator('#content')).toContainText('We have your items', { timeout: 3_000 });
    await call('staff', 'POST', `/returns/${rma}/inspect`, { lines: [{ line: '1', result: 'downgraded', grade: 'C', disposition: 'resell' }] });
    // Less is offered by rule; a yes is all that is asked, and the money is there.
    await page.goto(`${shop}/returns/${rma}/offer`);
    await expect(page.locator('#content')).toContainText('56.00');
    await page.locator('[value=accept]').check();
    await page.locator('form').filter({ has: page.locator('[value=accept]') }).locator('button[type=submit]').click();
    await expect(page.locator('#content')).toContainText('56.00 has been added to your store credit', { timeout: 3_000 });
  } finally {
    server.kill('SIGTERM');
    await over;
    rmSync(folder, { recursive: true, force: true });
  }
});
