/** A scan on any page opens the case: heard by how fast it types, and nothing that people type is taken for it (B33). */
import { expect, test, type Page } from '@playwright/test';
import { nothingFound } from './axe';
import { hire } from './people';
import { api, buy, tee } from './shop';

async function opened(): Promise<{ rma: string; parcel: string; sku: string }> {
  const sku = `SC${Math.random().toString(36).slice(2, 8).toUpperCase()}`;
  const bought = await buy({ lines: [{ ...tee, sku, quantity: 1, discount: '0.00' }] });
  const asked = { orders: [bought.number], lines: [{ line: '1', quantity: 1, reason: 'dislike', condition: 'unopened', resolution: 'refund' }], method: 'self_ship' };
  const { body } = await api('/returns', { method: 'POST', body: JSON.stringify(asked) });
  return { rma: body.rma, parcel: body.parcels[0].tracking_number, sku };
}

/** As a scanner types: at once, where the focus is. */
const wedge = (page: Page, code: string) => page.evaluate((code) => {
  const on = document.activeElement ?? document.body;
  for (const key of [...code, 'Enter']) {
    const down = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
    on.dispatchEvent(down);
    if (!down.defaultPrevented && key.length === 1 && on.matches('input, textarea')) document.execCommand('insertText', false, key);
  }
}, code);

test('by a plain form: one case, several, none', async ({ page }) => {
  const one = await opened();
  await hire(page, 'warehouse');
  await page.goto('/staff/scan');
  await page.locator('[data-scan]').fill(one.parcel);
  await page.locator('form.scan button[type=submit]').click();
  await expect(page).toHaveURL(`/staff/returns/${one.rma}#scanned`);
  await expect(page.locator('#scanned')).toBeVisible();
  await page.goto('/staff/scan?code=nothing-of-ours');
  await expect(page.locator('.sign.stop:not(.led)')).toBeVisible();
  await page.goto('/staff/dock');
  await page.locator('[data-scan]').fill(one.sku);
  await page.locator('form.scan button[type=submit]').click();
  await expect(page).toHaveURL(`/staff/dock/${one.rma}#scanned`);
  await page.locator('#do-receive button[type=submit]').click();
  await expect(page.locator('#do-inspect-1')).toBeVisible();
});

test('a scanner is heard on any page, and typing is not', async ({ page, javaScriptEnabled }, info) => {
  test.skip(!javaScriptEnabled, 'needs JavaScript');
  await page.addInitScript(() => {
    (window as any).tones = [];
    const make = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
      const tone = make.call(this);
      setTimeout(() => (window as any).tones.push(tone.frequency.value));
      return tone;
    };
  });
  const tones = () => page.evaluate(() => (window as any).tones as number[]);
  const one = await opened();
  await hire(page, 'warehouse');
  await page.goto('/staff/coming');
  await wedge(page, `]C1${one.parcel}`);
  await expect(page).toHaveURL(`/staff/returns/${one.rma}#scanned`);
  await expect.poll(tones).toEqual([880, 1320]);
  await wedge(page, 'nothing-of-ours');
  await expect(page.locator('.sign.stop:not(.led)')).toBeVisible();
  await expect.poll(tones).toEqual([220, 165]);
  await nothingFound(page, 'scan', (scheme) => page.screenshot({ path: info.outputPath(`scan-${scheme}.png`), fullPage: true }));
  await page.setViewportSize({ width: 360, height: 780 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  for (const target of await page.locator('form.scan :is(input:not([type=hidden]), button:visible)').all()) {
    expect((await target.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  }

  // The sounds are off, and stay so.
  await page.locator('[data-sound]').click();
  await page.reload();
  await expect(page.locator('[data-sound]')).toHaveAttribute('aria-pressed', 'false');
  expect(await tones()).toEqual([]);

  // What people type is theirs: a key of the page, words in a field; a burst in a field is a scan, and leaves the field as it was.
  await page.goto('/staff/coming');
  await page.keyboard.press('/');
  await expect(page.locator('#find')).toBeFocused();
  await page.keyboard.type('wang', { delay: 80 });
  await expect(page.locator('#find')).toHaveValue('wang');
  await wedge(page, one.rma);
  await expect(page).toHaveURL(`/staff/returns/${one.rma}#scanned`);
  await page.goto('/staff/search');
  await page.locator('#find').pressSequentially('nobody-of-this-name', { delay: 60 });
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/staff\/search\?q=nobody/);

  // What was typed and not saved is asked about first.
  await page.goto(`/staff/returns/${one.rma}`);
  await page.locator('details:has(#do-receive) > summary').click();
  const field = page.locator('#do-receive [name="came|1"]');
  await field.fill('0');
  await field.blur();
  page.once('dialog', (dialog) => dialog.dismiss());
  await wedge(page, one.parcel);
  await expect(field).toHaveValue('0');
});
