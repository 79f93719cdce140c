/**
 * The sentence by which this is designed: a Diamond member returns something faulty, it is collected at the door free of charge, the courier's page shows
 * it, who looks at it finds it so, the money is paid, a coupon comes by mail, into the inbox and the account, and is used once and not twice, and how it
 * went is asked; all of it stands on the one timeline that support reads (C34, C48, A13). In a shop of its own, whose clock is moved.
 */
import { expect, test } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nothingFound } from './axe';
import { hireAt } from './people';
import { daysAgo, environment, mailedIn, onwards, program, tellWhy } from './shop';

test('nobody has to ask', async ({ page: shopper, browser, javaScriptEnabled, viewport, locale }, { project, parallelIndex }) => {
  test.skip(!['phone', 'desktop without JavaScript'].includes(project.name), 'a long way: once on a phone with a script, and once without');
  test.setTimeout(240_000);
  const port = 3870 + parallelIndex;
  const shop = `http://127.0.0.1:${port}`;
  const data = mkdtempSync(join(tmpdir(), 'homebound-'));
  const env = { ...environment, HOMEBOUND_LISTEN: `127.0.0.1:${port}`, HOMEBOUND_PUBLIC_URL: shop, HOMEBOUND_DATA_DIR: data };
  const server = spawn(program, ['serve'], { env, stdio: 'ignore' });
  const over = new Promise((resolve) => server.once('exit', resolve));
  try {
    await expect.poll(() => fetch(`${shop}/readyz`).then((answer) => answer.ok, () => false), { timeout: 60_000 }).toBe(true);
    const key = execFileSync(program, ['key', 'add', '--name', 'all', '--scope', 'admin'], { env }).toString().trim();
    const call = async (method: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const answer = await fetch(`${shop}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
      return { status: answer.status, body: await answer.json() };
    };
    const good = async (method: string, path: string, body?: object) => {
      const { status, body: told } = await call(method, path, body);
      expect(status, `${method} ${path}: ${JSON.stringify(told)}`).toBeLessThan(300);
      return told;
    };
    const later = async (days: number) => {
      await fetch(`${shop}/demo/clock`, { method: 'POST', body: new URLSearchParams({ days: String(days), next: '/' }), redirect: 'manual' });
    };
    const another = async () => {
      const context = await browser.newContext({ locale, javaScriptEnabled, viewport, baseURL: shop });
      await context.addCookies([{ name: 'lang', value: 'en', url: shop }]);
      return context.newPage();
    };

    // A courier goes round in Hangzhou, and a Diamond member there has a lamp that does not work.
    const slots = [{ slot: '09-12', room: 5 }];
    await good('PUT', '/pickup-areas/hangzhou', { name: 'Hangzhou', country: 'CN', prefixes: ['310'], weekdays: [1, 2, 3, 4, 5, 6, 7], slots });
    const email = 'sentence@example.com';
    await good('PUT', '/orders/S-1', {
      number: 'S-1', placed_at: daysAgo(6), currency: 'CNY', shipping: '0.00',
      customer: { id: 'c-sentence', name: 'Wang Min', email, phone: '+8613800000077', tier: 'diamond', locale: 'en' },
      ship_to: { country: 'CN', region: '浙江省', city: '杭州市', postal_code: '310012', line1: '文三路 90 号' },
      lines: [{ id: '1', sku: 'LAMP-S', name: 'Brass lamp', category: 'home', quantity: 1, unit_price: '99.00' }],
      payments: [{ id: 'pi_sentence', method: 'card', amount: '99.00' }],
      deliveries: [{ shipped_at: daysAgo(4), delivered_at: daysAgo(2) }],
    });
    await shopper.context().addCookies([{ name: 'lang', value: 'en', url: shop }]);
    await shopper.goto(shop);
    await shopper.locator('[name=number]').first().fill('S-1');
    await shopper.locator('[name=contact]').first().fill(email);
    await shopper.locator('form[action="/"] button.btn').click();
    await shopper.locator('.tile > input[type=checkbox]').first().check();
    await onwards(shopper);
    await tellWhy(shopper, { reason: 'quality', sub: 'functional_fault' });
    if (/\/show$/.test(shopper.url())) await onwards(shopper);
    await expect(shopper).toHaveURL(/\/wish$/);
    await shopper.locator('input[value=refund]').first().check();
    await onwards(shopper);
    await expect(shopper.locator('[data-method=pickup]')).toContainText('free');
    await shopper.locator('input[value=pickup]').first().check();
    const day = await shopper.locator('input[name=pickup_date]').first().getAttribute('value');
    await shopper.locator('input[name=pickup_date]').first().check({ force: true });
    await shopper.locator('input[name=pickup_slot]').first().check({ force: true });
    await onwards(shopper);
    await onwards(shopper);
    await expect(shopper).toHaveURL(/\/returns\/R-[^/]+\/done$/);
    const rma = /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(shopper.url())![0];

    // They move, and say so themselves: another door of the same area.
    await shopper.goto(`${shop}/returns/${rma}/door`);
    if (project.name === 'phone') await nothingFound(shopper, 'another door');
    await shopper.locator('[name=line1]').fill('西溪路 5 号');
    await shopper.locator('form[action$="/door"] button[type=submit]').click();
    await expect(shopper).toHaveURL(new RegExp(`/returns/${rma}$`));
    expect((await good('GET', `/returns/${rma}`)).pickup).toMatchObject({ date: day, slot: '09-12', address: { line1: '西溪路 5 号' } });

    // Whoever sends the courier gives out the link of that round.
    const desk = await another();
    await hireAt(env, desk, 'warehouse');
    await desk.goto(`${shop}/staff/pickups?day=${day}`);
    await expect(desk.locator('main')).toContainText('Wang Min');
    await desk.locator('form[action="/staff/pickups/rounds"] button').click();
    await expect(desk.locator('.told')).toBeVisible();
    if (project.name === 'phone') await nothingFound(desk, 'pickups with a link');
    const link = await desk.locator('#rounds a[href*="/round/"]').getAttribute('href');

    // The courier has it on the phone, and the parcel soon after.
    await later(1);
    const courier = await another();
    await courier.goto(link!);
    const stop = courier.locator(`[data-stop="${rma}"]`);
    await expect(stop).toContainText('Wang Min');
    await expect(stop).toContainText('西溪路 5 号');
    await expect(stop).toContainText('Brass lamp');
    // Nothing waits to be sent, and each thing has the card's whole width.
    await expect(stop.locator('[data-kept]')).toBeHidden();
    const [card, heading] = await Promise.all([stop, stop.locator('h2')].map((part) => part.evaluate((element) => element.getBoundingClientRect().width)));
    expect(heading).toBeGreaterThan(card * 0.75);
    await expect(stop.locator('a[href^="tel:"]')).toHaveAttribute('href', 'tel:+8613800000077');
    if (project.name === 'phone') await nothingFound(courier, 'a round');
    await stop.getByRole('button', { name: /^Collected/ }).click();
    await expect(courier.locator(`[data-stop="${rma}"]`)).toContainText('collected', { timeout: 15_000 });
    await expect.poll(async () => (await good('GET', `/returns/${rma}`)).status).toBe('in_transit');

    // It is as was said; the money is paid; a coupon comes by itself.
    await good('POST', `/returns/${rma}/receive`, { warehouse: 'HZ1' });
    await good('POST', `/returns/${rma}/inspect`, { lines: [{ line: '1', result: 'accepted', grade: 'D', disposition: 'quarantine' }] });
    const after = await good('GET', `/returns/${rma}`);
    if (!after.grants?.length) await good('POST', `/returns/${rma}/grant`, {});
    if ((await good('GET', `/returns/${rma}`)).status !== 'completed') await good('POST', `/returns/${rma}/pay`, { method: 'manual', reference: 'bank-1' });
    expect((await good('GET', `/returns/${rma}`)).status).toBe('completed');
    const [, code] = await mailedIn(data, email, /([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})/);
    const member = await another();
    await member.goto(`${shop}/account`);
    await member.locator('[name=email]').fill(email);
    await member.locator('form[action="/account/code"] button').first().click();
    const [, login] = await mailedIn(data, email, /\b(\d{6})\b/);
    await member.locator('[name=code]').fill(login);
    await member.locator('form[action="/account/enter"] button').first().click();
    for (const where of ['/account/inbox', '/account/gifts']) {
      await member.goto(`${shop}${where}`);
      await expect(member.locator('main')).toContainText(code);
    }

    // The shop's checkout takes it once.
    const use = (order: string) => call('POST', `/coupons/${code}/redeem`, { order, amount: '9.90', currency: 'CNY' });
    expect((await use('S-2')).status).toBe(200);
    const again = await use('S-3');
    expect(again.status, JSON.stringify(again.body)).toBe(409);

    // Some days later it is asked how it went, by mail and with one click.
    await later(7);
    const [asked] = await mailedIn(data, email, /http:\S+\/r\/[^\s/]+\/5\b/);
    const answers = await another();
    await answers.goto(asked);
    await answers.locator('form[action$="/feedback"] button[type=submit]').first().click();
    await expect.poll(async () => JSON.stringify(await good('GET', `/returns/${rma}/timeline`))).toContain('feedback_given');

    // One timeline tells all of it, in its order, to whoever helps.
    const kinds: string[] = (await good('GET', `/returns/${rma}/timeline`)).entries.map((entry: { code: string }) => entry.code);
    const told = ['requested', 'method_changed', 'on_its_way', 'received', 'inspected', 'paid', 'feedback_given'];
    const places = told.map((kind) => kinds.indexOf(kind));
    expect(places.every((place, nth) => place >= 0 && (nth === 0 || place > places[nth - 1])), JSON.stringify(kinds)).toBe(true);
    for (const gift of ['compensated', 'compensation_ended']) expect(kinds).toContain(gift);
    const support = await another();
    await hireAt(env, support, 'support');
    await support.goto(`${shop}/staff/returns/${rma}`);
    await expect(support.locator('main')).toContainText('coupon of 10%');
    await expect(support.locator('main')).toContainText('You rated this return');
  } finally {
    server.kill('SIGTERM');
    await over;
    rmSync(data, { recursive: true, force: true });
  }
});
