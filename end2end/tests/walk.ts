/** Every page a shopper can come to, one after the other, each handed to `look`: in whatever language the browser's cookie names. */
import { expect, type Page } from '@playwright/test';
import { broken, buy, choose, find, onwards, png, signed, stock, tellWhy } from './shop';

export type Look = (page: Page, name: string) => Promise<void>;

/** From the front page to the return, and what lies beside; `name` is any that no other walk has. */
export async function everyPage(page: Page, look: Look, name: string) {
  await page.goto('/');
  await look(page, 'find');
  await page.locator('form[action="/"] button.btn').click();
  await look(page, 'find with mistakes');
  const bought = await buy({ tier: 'diamond', lines: [
    { sku: (await stock()).sku, name: 'Cotton tee', variant: 'black / M', category: 'apparel', quantity: 2, unit_price: '99.00' },
    { sku: 'MUG', name: 'Name mug', category: 'home', unit_price: '49.00', tags: ['personalised'] },
  ] });
  await find(page, bought);
  await look(page, 'items');
  await onwards(page);
  await look(page, 'items with mistakes');
  const here = page.url();
  await page.locator('a[href$="/elsewhere"]').click();
  await look(page, 'another device');
  await page.goto(here);
  for (const box of await page.locator('.tile > input[type=checkbox]').all()) await box.check();
  await onwards(page);
  await page.locator('input[value=size]').first().check();
  await look(page, 'why');
  await onwards(page);
  await look(page, 'why with mistakes');
  for (const about of await page.locator('.about').all()) {
    await about.locator('input[value=dislike]').check();
    const state = about.locator('input[name^=condition][value=opened]');
    if (await state.count()) await state.check({ force: true });
  }
  await onwards(page);
  await look(page, 'wish, one declined');
  await onwards(page);
  await look(page, 'wish with mistakes');
  await page.locator('input[value=exchange]').first().check();
  await look(page, 'wish, exchange');
  await page.locator('input[value=refund]').first().check();
  await expect(page.locator('.preview .verdict')).toBeVisible();
  await look(page, 'wish, with the decision');
  await onwards(page);
  await choose(page, 'pickup');
  await look(page, 'send');
  await onwards(page);
  for (const summary of await page.locator('.verdict summary').all()) await summary.click();
  await look(page, 'check');
  await onwards(page);
  await look(page, 'done');
  await page.goto(page.url().replace(/\/done$/, ''));
  await look(page, 'return');
  const rma = page.url();
  await page.goto('/account/inbox');
  await look(page, 'messages');
  await page.goto('/account/reach');
  await look(page, 'how we reach you');
  await page.goto(`${rma}/method`);
  await look(page, 'another way back');
  await page.goto(rma);
  await page.locator('form[action$="/add"] button').click();
  await look(page, 'a forgotten item');
  await page.goto(rma);
  await page.goto(`${page.url()}/cancel`);
  await look(page, 'cancel');
  await page.goto(`${rma}/write`);
  await look(page, 'write to us');
  await page.locator('form[action$="/write"] button').click();
  await look(page, 'write to us, with a mistake');
  await page.locator('textarea').fill('When does the money come?\nIt was a gift.');
  await page.locator('form[action$="/write"] button').click();
  await look(page, 'return, with what was written');
  await page.locator('#write summary').click();
  await look(page, 'return, about to write');
  await page.locator('a[href*="/appeal"]').click();
  await look(page, 'look again');
  await page.locator('form[action$="/appeal"] button').click();
  await look(page, 'look again, with a mistake');
  await page.locator('textarea').fill('There is no name on it.');
  await page.locator('form[action$="/appeal"] button').click();
  await look(page, 'look again, photos');
  await page.goto(rma);
  await look(page, 'return, looked at again');
  await page.goto('/policy');
  await look(page, 'policy');
  await page.goto('/help');
  await look(page, 'help');
  for (const path of ['/nothing', '/gone', '/busy', '/updating', '/failed/abc', '/start/again', '/start/by-number', '/link-over']) {
    await page.goto(path);
    await look(page, path);
  }
  await page.goto('/account');
  await look(page, 'account');
  await page.locator('[name=email]').fill(`${name}@example.com`);
  await page.locator('form[action="/account/code"] button').click();
  await page.locator('[name=code]').fill('12345');
  await page.locator('form[action="/account/enter"] button').click();
  await look(page, 'account, code with a mistake');
  const { number, email } = bought;
  await page.goto(await signed({ email }));
  await expect(page.locator('.own')).toContainText([number]);
  await look(page, 'account, orders');
  const late = await buy({ delivered: 60, lines: [{ sku: 'KETTLE', name: 'Kettle', category: 'electronics', unit_price: '89.00', warranty_months: 24 }] });
  await find(page, late);
  await page.locator('.tile > input[type=checkbox]').first().check();
  await onwards(page);
  await tellWhy(page);
  await look(page, 'wish, all declined');
}

/** Where photos are asked for. */
export async function showUs(page: Page, look: Look) {
  await broken(page);
  await look(page, 'show us');
  await onwards(page);
  await look(page, 'show us, nothing shown');
  const files = [{ name: 'crack.png', mimeType: 'image/png', buffer: png(60, 40) }, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') }];
  await page.locator('.upload input[type=file]').first().setInputFiles(files);
  await page.locator('.thumb.bad').waitFor();
  await look(page, 'show us, one kept and one not');
}

/** Withdrawing from a contract: without an order at hand, and from one that is open. */
export async function withdrawal(page: Page, look: Look) {
  await page.goto('/withdraw');
  await look(page, 'withdraw');
  await page.locator('input[value=some]').check();
  await onwards(page);
  await look(page, 'withdraw, with mistakes');
  const bought = await buy({ lines: [{ sku: 'TEE', name: 'Cotton tee', quantity: 2, unit_price: '99.00' }, { sku: 'MUG', name: 'Mug', unit_price: '49.00' }] });
  await page.goto(await signed({ order: bought.number, page: 'withdraw' }));
  await page.locator('input[value=some]').check();
  await page.locator('.which input[type=checkbox]').first().check();
  await look(page, 'withdraw, from an order');
  await onwards(page);
  await look(page, 'withdraw, confirm');
  await onwards(page);
  await look(page, 'withdraw, received');
}
