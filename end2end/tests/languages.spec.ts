/** A shop of four languages: the menu is a list, on a server of its own. */
import { expect, test } from '@playwright/test';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { violations } from './axe';
import { environment, program } from './shop';

test('a language is chosen from a list', async ({ page, javaScriptEnabled }, { parallelIndex, project }) => {
  test.skip(!project.name.startsWith('phone'), 'one width is enough');
  const port = 3810 + parallelIndex;
  const base = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'homebound-'));
  const env = {
    ...environment, HOMEBOUND_LISTEN: `127.0.0.1:${port}`, HOMEBOUND_PUBLIC_URL: base, HOMEBOUND_DATA_DIR: folder,
    HOMEBOUND_LANGUAGES: '["zh-CN","en","de","fr"]',
  };
  const server = spawn(program, ['serve'], { env, stdio: 'ignore' });
  const over = new Promise((resolve) => server.once('exit', resolve));
  try {
    await expect.poll(() => fetch(`${base}/readyz`).then((answer) => answer.ok, () => false), { timeout: 30_000 }).toBe(true);
    await page.setViewportSize({ width: 320, height: 700 });
    await page.goto(`${base}/policy`);
    const menu = page.locator('.languages');
    await expect(menu.locator('summary')).toContainText('中文');
    await menu.locator('summary').click();
    await expect(menu.locator('a')).toHaveText(['English', 'Deutsch', 'Français']);
    if (javaScriptEnabled) {
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
    }
    await menu.getByText('Deutsch').click();
    await expect(page).toHaveURL(`${base}/policy`);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await expect(page.locator('h1')).toHaveText('Unsere Rückgabebedingungen');
    await menu.locator('summary').click();
    await menu.getByText('Français').click();
    await expect(page.locator('h1')).toHaveText('Nos conditions de retour');
  } finally {
    server.kill('SIGTERM');
    await over;
    rmSync(folder, { recursive: true, force: true });
  }
});
