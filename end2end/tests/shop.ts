/** A shop of its own for the tests: its server, its orders, and the steps a shopper takes. */
import { expect, type Page } from '@playwright/test';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

/** Another one (PORT=3778) lets two checkouts be walked at once. */
export const port = Number(process.env.PORT ?? 3777);
export const base = `http://127.0.0.1:${port}`;
export const folder = join(import.meta.dirname, '../../target/end2end');
export const program = process.env.HOMEBOUND ?? join(import.meta.dirname, '../../target/debug/homebound');
/** What the shop signs its one-click links with. */
export const startSecret = 'the shop of these tests and its portal share this';
/** Who says who people at work are; `start.ts` starts it. */
export const issuer = `http://127.0.0.1:${port + 1}`;
export const issuerSecret = 'the provider of these tests and the portal share this';
export const environment = {
  ...process.env,
  HOMEBOUND_LISTEN: `127.0.0.1:${port}`,
  HOMEBOUND_PUBLIC_URL: base,
  HOMEBOUND_DATA_DIR: join(folder, 'data'),
  HOMEBOUND_DEMO: 'true',
  HOMEBOUND_LIMITS__REQUESTS_PER_SECOND: '10000',
  HOMEBOUND_LIMITS__BURST: '10000',
  HOMEBOUND_LIMITS__LOOKUPS_PER_ADDRESS: '10000',
  HOMEBOUND_LIMITS__CODES_PER_ADDRESS: '10000',
  HOMEBOUND_SIGN_ON__ISSUER: issuer,
  HOMEBOUND_SIGN_ON__CLIENT_SECRET: issuerSecret,
  HOMEBOUND_SIGN_ON__LABEL: '{ en = "Linden ID" }',
  HOMEBOUND_START__SECRETS: JSON.stringify([startSecret]),
};

/** The API key that `start.ts` made. */
export const key = () => readFileSync(join(folder, 'key'), 'utf8').trim();

/** The README's own few lines, run as a shop would: a link that lets in. */
export async function signed(claims: object): Promise<string> {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const lines = /```js\n([^]*?)```/.exec(readme)![1];
  process.env.RETURNS_SECRET = startSecret;
  const shop = await import(`data:text/javascript,${encodeURIComponent(lines)}`);
  return shop.returnLink(claims).replace('https://returns.shop.example', base);
}

const day = 86_400_000;
export const daysAgo = (days: number) => new Date(Date.now() - days * day).toISOString();

type Line = Record<string, unknown>;

/** What most tests return: a tee of 99.00, two bought with 20.00 off. */
export const tee: Line = { sku: 'TEE', name: 'Cotton tee', variant: 'black / M', category: 'apparel', quantity: 2, unit_price: '99.00', discount: '20.00' };

export interface Wanted {
  lines?: Line[];
  tier?: string;
  delivered?: number;
  currency?: string;
  country?: string;
}

export interface Bought {
  number: string;
  email: string;
  phone: string;
}

/** Puts an order in that no other test knows. */
export async function buy(wanted: Wanted = {}): Promise<Bought> {
  const number = `E${randomUUID().slice(0, 8).toUpperCase()}`;
  const email = `${number.toLowerCase()}@example.com`;
  const phone = `+86138${String(parseInt(number.slice(1), 16) % 100_000_000).padStart(8, '0')}`;
  const delivered = wanted.delivered ?? 3;
  const lines = (wanted.lines ?? [tee]).map((line, place) => ({ id: String(place + 1), quantity: 1, ...line }));
  const order = {
    number, placed_at: daysAgo(delivered + 3), currency: wanted.currency ?? 'CNY',
    customer: { name: '王小明', email, phone, tier: wanted.tier ?? null },
    ship_to: { country: wanted.country ?? 'CN', region: '浙江省', city: '杭州市', postal_code: '310012', line1: '文三路 90 号' },
    lines, shipping: '0.00', deliveries: [{ shipped_at: daysAgo(delivered + 2), delivered_at: daysAgo(delivered) }],
  };
  const answer = await fetch(`${base}/api/v1/orders/${number}`, {
    method: 'PUT', headers: { authorization: `Bearer ${key()}`, 'content-type': 'application/json' }, body: JSON.stringify(order),
  });
  expect(answer.status, await answer.text()).toBe(201);
  return { number, email, phone };
}

export async function api(path: string, init: RequestInit = {}, as = key()) {
  const answer = await fetch(`${base}/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' } });
  return { status: answer.status, body: await answer.json() };
}

/** What somebody at work does to a return. */
export async function staff(path: string, said?: object) {
  const as = readFileSync(join(folder, 'staff-key'), 'utf8').trim();
  return api(path, said ? { method: 'POST', body: JSON.stringify(said) } : {}, as);
}

/** The text of the last mail to somebody that has such a passage. */
export const mailed = (to: string, wanted: RegExp) => mailedIn(join(folder, 'data'), to, wanted);

/** Likewise, of a shop whose data lies there. */
export async function mailedIn(data: string, to: string, wanted: RegExp): Promise<RegExpExecArray> {
  const mails = join(data, 'mail');
  for (let tries = 0; tries < 100; tries++) {
    for (const file of existsSync(mails) ? readdirSync(mails).sort().reverse() : []) {
      const mail = readFileSync(join(mails, file), 'utf8');
      if (!mail.includes(to)) continue;
      const [, head, body] = /Content-Type: text\/plain([^]*?)\r\n\r\n([^]*?)\r\n--/i.exec(mail)!;
      const text = /base64/i.test(head) ? Buffer.from(body, 'base64').toString()
        : /quoted-printable/i.test(head) ? body.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16))) : body;
      const found = wanted.exec(text);
      if (found) return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no such mail to ${to}`);
}

/** Finds the order and stands before its items. */
export async function find(page: Page, bought: Bought, contact = bought.email) {
  await page.goto('/');
  await page.locator('[name=number]').first().fill(bought.number);
  await page.locator('[name=contact]').first().fill(contact);
  await page.locator('form[action="/"] button.btn').click();
  await expect(page).toHaveURL(/\/items$/);
}

export const onwards = (page: Page) => page.locator('.foot button').click();

export interface Story {
  reason?: string;
  sub?: string;
  condition?: string;
  wish?: string;
  method?: string;
}

/** Tells why, with the state of the item where it is asked for. */
export async function tellWhy(page: Page, { reason = 'dislike', sub, condition = 'opened' }: Story = {}) {
  await page.locator(`input[name^="reason|"][value=${reason}]`).first().check();
  if (sub) await page.locator(`input[value=${sub}]`).first().check({ force: true });
  const state = page.locator(`input[name^="condition|"][value=${condition}]`);
  if (await state.count()) await state.first().check({ force: true });
  await onwards(page);
}

/** A name as long as some shops write them, with a word that nothing breaks. */
export const longest = 'Nordic solid white oak bookshelf, extra wide and reinforced, SHELF-OAK-5-EXTRA-WIDE_2026/REINFORCED#0001';

/** Chooses a way back; of a pickup, its first day and hours. */
export async function choose(page: Page, method: string) {
  await page.locator(`input[value=${method}]`).first().check();
  if (method !== 'pickup') return;
  await page.locator('input[name=pickup_date]').first().check({ force: true });
  await page.locator('input[name=pickup_slot]').first().check({ force: true });
}

/** From the items to "check". */
export async function answerAll(page: Page, story: Story = {}) {
  await page.locator('.tile > input[type=checkbox]').first().check();
  await onwards(page);
  await tellWhy(page, story);
  await expect(page).toHaveURL(/\/wish$/);
  await page.locator(`input[value=${story.wish ?? 'refund'}]`).first().check();
  await onwards(page);
  await expect(page).toHaveURL(/\/send$/);
  await choose(page, story.method ?? 'self_ship');
  await onwards(page);
  await expect(page).toHaveURL(/\/check$/);
}

/** The whole way; answers with the return's number. */
export async function sendBack(page: Page, bought: Bought, story: Story = {}): Promise<string> {
  await find(page, bought);
  await answerAll(page, story);
  await onwards(page);
  await expect(page).toHaveURL(/\/returns\/R-[^/]+\/done$/);
  return /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.url())![0];
}

/** A family of tees on the shelves that no other test knows: what was bought, one at the same price, one dearer, one sold out. */
export async function stock(): Promise<{ family: string; sku: string }> {
  const family = `T${randomUUID().slice(0, 6).toUpperCase()}`;
  for (const [size, price, quantity] of [['M', '99.00', 5], ['L', '99.00', 2], ['XL', '119.00', 5], ['S', '99.00', 0]]) {
    const told = { quantity, variant_of: family, variant: `black / ${size}`, price, currency: 'CNY' };
    const { status } = await api(`/stock/HZ1/${family}-${size}`, { method: 'PUT', body: JSON.stringify(told) });
    expect(status).toBe(201);
  }
  return { family, sku: `${family}-M` };
}

/** Stands before "show us", with a vase that broke on its way. */
export async function broken(page: Page) {
  const bought = await buy({ lines: [{ sku: 'VASE', name: 'Blue vase', category: 'home', unit_price: '359.00' }] });
  await find(page, bought);
  await page.locator('.tile > input[type=checkbox]').check();
  await onwards(page);
  await tellWhy(page, { reason: 'damaged_in_transit' });
  await expect(page).toHaveURL(/\/show$/);
  return bought;
}

/** A PNG of noise: it does not become small. */
export function png(width: number, height: number): Buffer {
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const rows = Buffer.concat(Array.from({ length: height }, () => Buffer.concat([Buffer.alloc(1), randomBytes(width * 3)])));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows, { level: 1 })), chunk('IEND', Buffer.alloc(0))]);
}
