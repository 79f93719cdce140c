/** A place of its own for each photo that is asked for; what is chosen beforehand says so; a number beside an item, step by step. */
import { expect, test, type Page } from '@playwright/test';
import { api, broken, buy, find, onwards, png, tee, tellWhy } from './shop';

const photo = (name: string) => ({ name, mimeType: 'image/png', buffer: png(60, 40) });
const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
const place = (page: Page, name: RegExp) => page.getByRole('group', { name });
const choose = (page: Page, name: RegExp) => place(page, name).getByLabel(/Choose a photo|选择照片/);
const camera = (page: Page, name: RegExp) => place(page, name).getByLabel(/Take a photo|拍照/);
const kept = (page: Page, name: RegExp) => place(page, name).locator('.thumb[data-id]');
const damage = /The damage|损坏处/;
const packaging = /The packaging|外包装/;
const beyond = /Anything else|其他/;

test('each photo that is asked for has a place of its own', async ({ page, javaScriptEnabled: js }) => {
  await broken(page);
  for (const name of [damage, packaging, beyond]) {
    await expect(place(page, name)).toHaveCount(1);
    await expect(choose(page, name)).toHaveAttribute('type', 'file');
    await expect(place(page, name).locator('svg.example')).toBeVisible();
    // There is a mouse and no camera.
    await expect(camera(page, name)).toBeHidden();
  }
  await choose(page, packaging).setInputFiles(photo('box.png'));
  await choose(page, damage).setInputFiles(notes);
  if (!js) await page.locator('button[value=upload]').click();
  // Each is told in its own place.
  await expect(kept(page, packaging)).toHaveCount(1);
  await expect(kept(page, packaging)).toContainText('box.');
  await expect(place(page, damage).locator(js ? '.thumb.bad' : '.error')).toContainText('notes.txt');
  await expect(place(page, packaging).locator('.thumb.bad, .error')).toHaveCount(0);
  if (js) await expect(place(page, damage).getByRole('status')).toContainText('notes.txt');

  await onwards(page);
  await expect(page.locator('.errors a')).toHaveCount(1);
  await expect(place(page, damage).locator('.error')).toBeVisible();
  await expect(kept(page, packaging)).toHaveCount(1);
  await page.locator('.errors a').click();
  await expect(place(page, damage)).toBeInViewport();
  await choose(page, damage).setInputFiles(photo('crack.png'));
  if (js) {
    await expect(kept(page, damage)).toHaveCount(1);
    await expect(page.locator('.errors, .upload .error')).toHaveCount(0);
    await expect(page.locator('.without')).toBeHidden();
  }
  await onwards(page);
  await expect(page).toHaveURL(/\/wish$/);
  await page.locator('input[value=refund]').check();
  await onwards(page);
  await page.locator('input[value=self_ship]').check();
  await onwards(page);
  await onwards(page);
  const rma = /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.url())![0];
  await page.goto(`/returns/${rma}`);
  for (const [name, file] of [[damage, 'crack.'], [packaging, 'box.']] as const) {
    await expect(page.locator('.thumb').filter({ hasText: name })).toContainText(file);
  }
  const { body } = await api(`/returns/${rma}/evidence`);
  expect(body.evidence.map((one: { shows?: string }) => one.shows).sort()).toEqual(['damage', 'packaging']);
});

test('what is pasted goes where nothing is yet', async ({ page, javaScriptEnabled: js }) => {
  test.skip(!js, 'needs JavaScript');
  await broken(page);
  await choose(page, damage).setInputFiles(photo('crack.png'));
  await expect(kept(page, damage)).toHaveCount(1);
  const paste = (name: string) => page.evaluate(([name, bytes]) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes as number[])], name as string, { type: 'image/png' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, [name, [...png(60, 40)]] as const);
  await paste('box.png');
  await expect(kept(page, packaging)).toHaveCount(1);
  await paste('more.png');
  await expect(kept(page, beyond)).toHaveCount(1);
  await expect(page.locator('.thumb')).toHaveCount(3);
});

test.describe('on a telephone', () => {
  test.use({ hasTouch: true, isMobile: true });

  test('the camera is one touch away', async ({ page, javaScriptEnabled: js }) => {
    await broken(page);
    await expect(camera(page, packaging)).toBeVisible();
    await expect(camera(page, packaging)).toHaveAttribute('capture', 'environment');
    await camera(page, packaging).setInputFiles(photo('taken.png'));
    if (!js) await page.locator('button[value=upload]').click();
    await expect(kept(page, packaging)).toContainText('taken.');
    await expect(kept(page, damage)).toHaveCount(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });
});

test('what is chosen beforehand says so, and where there is a choice nothing is', async ({ page }) => {
  const chosen = page.locator('.wishes input[type=radio]:checked');
  const says = page.getByText(/it is chosen already|已为您选好/);
  await find(page, await buy());
  await page.locator('.tile > input[type=checkbox]').check();
  await onwards(page);
  await tellWhy(page);
  expect(await page.locator('.wishes input[type=radio]').count()).toBeGreaterThan(1);
  await expect(chosen).toHaveCount(0);
  await expect(says).toHaveCount(0);

  await find(page, await buy({ delivered: 60, country: 'TH', lines: [{ ...tee, warranty_months: 12 }] }));
  await page.locator('.tile > input[type=checkbox]').check();
  await onwards(page);
  await tellWhy(page, { reason: 'quality', sub: 'functional_fault' });
  await expect(page.locator('.wishes input[type=radio]')).toHaveCount(1);
  await expect(chosen).toHaveCount(1);
  await expect(says).toBeVisible();
});

test('a number goes up and down by steps, and ticks its item', async ({ page, javaScriptEnabled: js }) => {
  await find(page, await buy({ lines: [{ ...tee, quantity: 3 }, { sku: 'MUG', name: 'Mug', category: 'home', unit_price: '49.00' }] }));
  const item = page.locator('.tile.product').filter({ has: page.locator('[name^="count|"]') });
  const [tick, number] = [item.locator('[name^="units|"]'), item.locator('[name^="count|"]')];
  const [fewer, more] = [item.locator('.bump').first(), item.locator('.bump').last()];
  if (!js) {
    // Nothing listens to steps; the number means the item all the same.
    await expect(more).toBeHidden();
    await number.fill('2');
    await onwards(page);
    await expect(page).toHaveURL(/\/why$/);
    return;
  }
  await expect(tick).not.toBeChecked();
  await more.click();
  await expect(number).toHaveValue('2');
  await expect(tick).toBeChecked();
  await more.click();
  await more.click();
  await expect(number, 'no more than were bought').toHaveValue('3');
  for (let step = 0; step < 4; step++) await fewer.click();
  await expect(number, 'no fewer than one').toHaveValue('1');
  // Without its tick the number is what it was; a typed one ticks it again.
  await tick.uncheck();
  await number.fill('3');
  await number.blur();
  await expect(tick).toBeChecked();
  await expect(page.locator('.foot .sum')).toContainText('277.00');
  await tick.uncheck();
  await expect(number).toHaveValue(await number.getAttribute('data-unasked') as string);
});
