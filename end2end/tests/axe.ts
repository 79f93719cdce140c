/** Axe, on a page as it stands. */
import { expect, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(source);
  return page.evaluate(async () => {
    const { violations } = await (window as any).axe.run(document, { resultTypes: ['violations'] });
    return violations.map((violation: any) => `${violation.id}: ${violation.nodes.map((node: any) => node.html).join(' ')}`);
  });
}

/** Axe finds nothing, light and dark; in each of them `then` is done. */
export async function nothingFound(page: Page, name: string, then?: (colorScheme: string) => Promise<unknown>) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await violations(page), `${name}, ${colorScheme}`).toEqual([]);
    await then?.(colorScheme);
  }
}
