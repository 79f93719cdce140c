/** A whole return rehearsed: the demo's clock is moved (N12), so this runs on a shop of its own. */
import { expect, test } from '@playwright/test';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerAll, environment, onwards, program } from './shop';

test('a label expires, and another is made', async ({ page }, { parallelIndex }) => {
  const port = 3790 + parallelIndex;
  const base = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'homebound-'));
  const env = { ...environment, HOMEBOUND_LISTEN: `127.0.0.1:${port}`, HOMEBOUND_PUBLIC_URL: base, HOMEBOUND_DATA_DIR: folder };
  const server = spawn(program, ['serve'], { env, stdio: 'ignore' });
  const over = new Promise((over) => server.on('exit', over));
  try {
    await expect.poll(() => fetch(`${base}/readyz`).then((answer) => answer.ok, () => false), { timeout: 30_000 }).toBe(true);
    await page.goto(base);
    await page.locator('[name=number]').first().fill('10248');
    await page.locator('[name=contact]').first().fill('wang@example.com');
    await page.locator('form[action="/"] button.btn').click();
    await answerAll(page);
    await onwards(page);
    await page.locator('.acts .btn:not(.second)').last().click();
    await expect(page.locator('.note.heed')).toHaveCount(0);
    const before = await page.locator('#label').textContent();
    await page.locator('.rehearsal summary').click();
    await page.locator('.rehearsal button[value="30"]').click();
    await expect(page.locator('.note.heed button')).toBeVisible();
    await page.locator('.note.heed button').click();
    await expect(page.locator('.note.heed')).toHaveCount(0);
    expect(await page.locator('#label').textContent()).not.toBe(before);
    await page.locator('.rehearsal summary').click();
    await page.locator('.rehearsal button[value="0"]').click();
    await expect(page).toHaveURL(/\/returns\/R-/);
  } finally {
    server.kill('SIGTERM');
    await over;
    rmSync(folder, { recursive: true, force: true });
  }
});
