// Lighthouse on a simulated mid-range phone, against the release binary on a shop of its own: `make lighthouse` prints the table.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';

const root = join(import.meta.dirname, '..');
const tools = createRequire(join(root, 'target/lighthouse/'));
const { default: lighthouse } = await import(pathToFileURL(tools.resolve('lighthouse')).href);

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const program = process.env.HOMEBOUND ?? join(root, 'target/release/homebound');
const [port, debugging] = [3798, 3799];
const base = `http://127.0.0.1:${port}`;
const folder = mkdtempSync(join(tmpdir(), 'homebound-'));
const env = {
  ...process.env, HOMEBOUND_LISTEN: `127.0.0.1:${port}`, HOMEBOUND_PUBLIC_URL: base, HOMEBOUND_DATA_DIR: folder, HOMEBOUND_DEMO: 'true',
  HOMEBOUND_LIMITS__REQUESTS_PER_SECOND: '10000', HOMEBOUND_LIMITS__BURST: '10000',
};
const server = spawn(program, ['serve'], { env, stdio: 'ignore' });
for (let tries = 0; !(await fetch(`${base}/readyz`).then((answer) => answer.ok, () => false)); tries++) {
  if (tries > 300) throw new Error('the server did not start');
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const args = [`--remote-debugging-port=${debugging}`, '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
// The browser's own profile, which Lighthouse's tab shares: it sees the pages as this visitor.
const context = await chromium.launchPersistentContext(join(folder, 'profile'), { executablePath, args, viewport: { width: 412, height: 823 }, locale: 'en-GB' });
const page = await context.newPage();
const next = () => page.locator('.foot button').click();
const find = async () => {
  await page.goto(base);
  await page.locator('[name=number]').first().fill('10248');
  await page.locator('[name=contact]').first().fill('wang@example.com');
  await page.locator('form[action="/"] button.btn').click();
  await page.waitForURL(/items$/);
};
const choose = async (place) => {
  await page.locator('.tile > input[type=checkbox]').nth(place).check();
  await next();
  await page.locator('input[name^="reason|"][value=dislike]').check();
  const state = page.locator('input[name^="condition|"][value=opened]');
  if (await state.count()) await state.check({ force: true });
  await next();
  await page.locator('input[value=refund]').check();
  await next();
  await page.locator('input[value=self_ship]').check();
  await next();
  await page.waitForURL(/check$/);
};
await find();
await choose(0);
await next();
await page.waitForURL(/done$/);
const track = page.url().replace(/\/done$/, '');
await find();
const items = page.url();
await choose(0);
const pages = { find: base, choose: items, review: items.replace(/items$/, 'check'), timeline: track };

console.log('| page | performance | accessibility | best practices | first paint | largest paint | blocked | shift | transferred |');
console.log('|---|---|---|---|---|---|---|---|---|');
for (const [name, url] of Object.entries(pages)) {
  const runs = [];
  for (let run = 0; run < 3; run++) {
    const { lhr } = await lighthouse(url, {
      port: debugging, logLevel: 'error', onlyCategories: ['performance', 'accessibility', 'best-practices'],
    });
    if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`);
    runs.push(lhr);
  }
  const { categories, audits } = runs.sort((a, b) => a.categories.performance.score - b.categories.performance.score)[1];
  const score = (category) => Math.round(categories[category].score * 100);
  const shown = (audit) => audits[audit].displayValue ?? audits[audit].score;
  console.log(`| ${name} | ${score('performance')} | ${score('accessibility')} | ${score('best-practices')} | ${shown('first-contentful-paint')} | ${shown('largest-contentful-paint')} | ${shown('total-blocking-time')} | ${shown('cumulative-layout-shift')} | ${Math.round(audits['total-byte-weight'].numericValue / 100) / 10} kB |`);
  for (const category of Object.values(categories)) {
    for (const { id, weight } of category.auditRefs) {
      const audit = audits[id];
      if (weight > 0 && audit.score !== null && audit.score < 0.9) console.error(`  ${name}: ${id}: ${audit.title} ${audit.displayValue ?? ''}`);
    }
  }
}
await context.close();
server.kill('SIGTERM');
rmSync(folder, { recursive: true, force: true });
