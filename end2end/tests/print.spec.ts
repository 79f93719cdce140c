// The page of a return on paper: browsers leave backgrounds off, and what says something by one must be drawn another way.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

const style = (): string => {
  const folder = join(import.meta.dirname, '../../style');
  const main = readFileSync(join(folder, 'main.css'), 'utf8');
  return [...main.matchAll(/@import "([^"]+)"/g)].map(([, name]) => readFileSync(join(folder, name), 'utf8')).join('\n');
};

test('done, now and next are told apart on paper', async ({ page }, info) => {
  test.skip(info.project.name !== 'phone', 'one browser is enough');
  await page.setContent(`<style>${style()}</style><main class="page"><ol class="line">
    <li>done</li><li class="now">now</li><li class="next">next</li></ol><span class="chip good">x</span><span class="logo">x</span></main>`);
  await page.emulateMedia({ media: 'print' });
  const mark = (selector: string) =>
    page.locator(selector).evaluate((item) => {
      const dot = getComputedStyle(item, '::before');
      const line = getComputedStyle(item, '::after');
      return { dot: parseFloat(dot.borderTopWidth), inside: parseFloat(dot.height), line: parseFloat(line.borderLeftWidth), shadow: dot.boxShadow };
    });
  const [done, now, next] = [await mark('li:first-child'), await mark('.now'), await mark('.next')];
  expect(done.dot * 2, 'a whole dot').toBeGreaterThanOrEqual(done.inside);
  expect(now.dot, 'a thick ring').toBeGreaterThan(next.dot * 2);
  expect(now.dot).toBeLessThan(done.dot);
  expect(next.dot, 'a thin ring').toBeGreaterThanOrEqual(1);
  expect([done.line, now.line]).toEqual([2, 2]);
  expect([done, now, next].map((one) => one.shadow), 'shadows are backgrounds, too').toEqual(['none', 'none', 'none']);
  for (const kept of ['.chip', '.logo']) {
    expect(await page.locator(kept).evaluate((item) => getComputedStyle(item).printColorAdjust)).toBe('exact');
  }
});
