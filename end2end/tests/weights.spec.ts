/** Pages are small: packed, HTML at most 14 kB, CSS 12 kB, script and wasm 120 kB. */
import { expect, test } from '@playwright/test';
import { get } from 'node:http';
import { answerAll, base, buy, find, onwards } from './shop';

/** Bytes on the wire. */
const weight = (address: string, cookie: string) =>
  new Promise<{ bytes: number; coding?: string }>((resolve, reject) => {
    get(new URL(address, base), { headers: { cookie, 'accept-encoding': 'br' } }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () => resolve({ bytes, coding: answer.headers['content-encoding'] }));
    }).on('error', reject);
  });

test('every page is within its budget', async ({ page, context, javaScriptEnabled }, { project }) => {
  test.skip(!javaScriptEnabled || project.name !== 'phone', 'once is enough');
  await page.goto('/');
  const addresses = ['/', '/policy', '/help', '/account'];
  const lines = Array.from({ length: 12 }, (_, place) => ({ sku: `SKU-${place}`, name: `A product with quite a name, number ${place}`, category: 'home', unit_price: '49.00' }));
  await find(page, await buy({ lines }));
  const draft = page.url().replace(/\/items$/, '');
  for (const box of await page.locator('.tile > input[type=checkbox]').all()) await box.check();
  await onwards(page);
  for (const about of await page.locator('.about').all()) {
    await about.locator('input[value=dislike]').check();
    const state = about.locator('input[name^=condition][value=opened]');
    if (await state.count()) await state.check({ force: true });
  }
  await onwards(page);
  for (const wish of await page.locator('.wishes').all()) await wish.locator('input[value=refund]').check();
  await onwards(page);
  await page.locator('input[value=self_ship]').check();
  await onwards(page);
  addresses.push(...['items', 'why', 'wish', 'send', 'check'].map((step) => `${draft}/${step}`));
  await find(page, await buy());
  await answerAll(page);
  await onwards(page);
  addresses.push(page.url(), page.url().replace(/\/done$/, ''));
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  for (const address of addresses) {
    const html = await weight(address, cookie);
    expect.soft(html.coding, address).toBe('br');
    expect.soft(html.bytes, `HTML of ${address}`).toBeLessThanOrEqual(14_000);
    const text = await (await page.request.get(address)).text();
    let [style, script] = [0, 0];
    for (const [asset] of new Set(text.match(/\/assets\/[\w.-]+/g)) .entries()) {
      const { bytes } = await weight(asset, cookie);
      if (asset.endsWith('.css')) style += bytes;
      else script += bytes;
    }
    expect.soft(style, `CSS of ${address}`).toBeLessThanOrEqual(12_000);
    expect.soft(script, `script of ${address}`).toBeLessThanOrEqual(120_000);
  }
});
