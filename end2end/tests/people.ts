/** People at work: let in as an operator lets them in, with a phone of their own. */
import { expect, type Browser, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { answerAll, buy, environment as env, find, onwards, program } from './shop';

export const password = 'vier Boote auf dem Kanal';

/** The code that an authenticator app shows of a key now (RFC 6238). */
export function codeOf(key: string, at = Date.now()): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key.replace(/[^A-Z2-7]/g, '')].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac('sha1', bytes).update(step).digest();
  const place = digest[19] & 15;
  return String((digest.readUInt32BE(place) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

export interface Colleague {
  name: string;
  email: string;
  key: string;
}

/** Somebody new, who is in on that page. */
export const hire = (page: Page, roles: string, ...limits: string[]) => hireAt(env, page, roles, ...limits);

/** Likewise, in a shop of its own. */
export async function hireAt(env: NodeJS.ProcessEnv, page: Page, roles: string, ...limits: string[]): Promise<Colleague> {
  const id = randomUUID().slice(0, 8);
  const name = `Li ${id}`;
  const email = `${id}@work.example`;
  const told = ['user', 'add', '--name', name, '--email', email, '--roles', roles, ...limits];
  const link = execFileSync(program, told, { env, stdio: ['ignore', 'pipe', 'inherit'] }).toString().trim();
  await page.goto(link);
  const key = await page.locator('code.key').innerText();
  await page.locator('[name=password]').fill(password);
  await page.locator('[name=code]').fill(codeOf(key));
  await page.locator('form.form button.btn').click();
  await expect(page).toHaveURL(/\/staff$/);
  return { name, email, key };
}

/** A page of somebody else's browser, which speaks the same language and runs scripts or not alike. */
export async function another(browser: Browser, like: { locale?: string; javaScriptEnabled?: boolean; viewport?: { width: number; height: number } | null }, lang: string) {
  const context = await browser.newContext({ locale: like.locale, javaScriptEnabled: like.javaScriptEnabled, viewport: like.viewport });
  await context.addCookies([{ name: 'lang', value: lang, url: env.HOMEBOUND_PUBLIC_URL! }]);
  return context.newPage();
}

/** Asks for a return that somebody must look at: it is dear. */
export async function dear(page: Page): Promise<string> {
  const bought = await buy({ lines: [{ sku: 'CAM', name: 'Camera body', category: 'electronics', unit_price: '8999.00' }] });
  await find(page, bought);
  await answerAll(page, { condition: 'opened' });
  await onwards(page);
  await expect(page).toHaveURL(/\/returns\/R-[^/]+\/done$/);
  return /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.url())![0];
}
