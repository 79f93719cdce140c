/** Show us: photos where policy asks for them, with JavaScript and without, and over a connection that breaks. */
import { expect, test, type Page } from '@playwright/test';
import { answerAll, api, broken, buy, find, onwards, png, sendBack } from './shop';

const photo = (name: string, width = 60, height = 40) => ({ name, mimeType: 'image/png', buffer: png(width, height) });
const notes = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };

/** Chooses files without saying what they show; without JavaScript they are sent by a button. */
async function give(page: Page, files: { name: string; mimeType: string; buffer: Buffer }[], js: boolean) {
  await page.locator('.upload').last().locator('input[type=file]').first().setInputFiles(files);
  if (!js) await page.locator('button[value=upload]').click();
}

const kept = (page: Page) => page.locator('.thumb[data-id]');
const seen = (page: Page) => page.locator('.thumb[data-id] img').evaluateAll((all) => all.filter((img) => (img as HTMLImageElement).naturalWidth > 0).length);

test('photos are shown, removed, and decide', async ({ page, javaScriptEnabled: js }) => {
  await broken(page);
  await onwards(page);
  await expect(page.locator('.errors li')).toHaveCount(2);
  await expect(page.locator('.upload .error')).toHaveCount(2);

  await give(page, [photo('crack.png'), notes, photo('box.png')], js);
  await expect(kept(page)).toHaveCount(2);
  await expect(page.locator('.upload').last()).toContainText('notes.txt');
  await expect(page.locator(js ? '.thumb.bad' : '.upload .error')).toHaveCount(1);
  if (js) await expect.poll(() => seen(page)).toBe(2);
  if (js) await page.locator('.thumb.bad button[name=remove]').click();
  await kept(page).first().locator('button[name=remove]').click();
  await expect(kept(page)).toHaveCount(1);
  await expect(page.locator('.without')).toBeVisible();
  await give(page, [photo('again.png')], js);
  await expect(kept(page)).toHaveCount(2);
  await expect(page.locator('.without')).toBeHidden();
  await page.reload();
  await expect(kept(page)).toHaveCount(2);
  const picture = await page.request.get(await kept(page).first().locator('a').getAttribute('href') as string);
  expect([picture.status(), picture.headers()['content-type']]).toEqual([200, 'image/jpeg']);

  await onwards(page);
  await expect(page).toHaveURL(/\/wish$/);
  await page.locator('.foot a').click();
  await expect(page).toHaveURL(/\/show$/);
  await onwards(page);
  await page.locator('input[value=refund]').check();
  await onwards(page);
  await page.locator('input[value=self_ship]').check();
  await onwards(page);
  await expect(page.locator('.verdict')).not.toHaveClass(/heed/);
  await onwards(page);
  const rma = /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.url())![0];
  const { body } = await api(`/returns/${rma}`);
  expect([body.status, body.lines[0].evidence.length]).toEqual(['approved', 2]);
  await page.goto(`/returns/${rma}`);
  await expect(kept(page)).toHaveCount(2);
});

test('who has nothing to show goes on, and adds a photo later', async ({ page, browser, javaScriptEnabled: js }) => {
  await broken(page);
  await page.locator('.without button').click();
  await expect(page).toHaveURL(/\/wish$/);
  await page.locator('input[value=refund]').check();
  await onwards(page);
  await page.locator('input[value=self_ship]').check();
  await onwards(page);
  await expect(page.locator('.verdict')).toHaveClass(/heed/);
  await onwards(page);
  await page.goto(page.url().replace(/\/done$/, ''));
  await page.locator('a[href$="/photos"]').click();
  await give(page, [photo('late.png')], js);
  await expect(kept(page)).toHaveCount(1);
  await onwards(page);
  await expect(page).toHaveURL(/\/returns\/R-[^/]+$/);
  await expect(kept(page)).toHaveCount(1);
  await expect(page.locator('.line')).toContainText(/photo|照片/);
  const address = await kept(page).locator('a').getAttribute('href') as string;
  const stranger = await browser.newContext();
  expect((await stranger.request.get(address)).status()).toBe(404);
  await stranger.close();
});

test('where nothing is asked for there is no such question', async ({ page }) => {
  await sendBack(page, await buy());
  await find(page, await buy());
  await answerAll(page);
  await page.goto(page.url().replace(/\/check$/, '/show'));
  await expect(page).toHaveURL(/\/wish$/);
});

test('a large photo is made small and goes on after a broken connection', async ({ page, javaScriptEnabled: js }) => {
  test.skip(!js, 'without JavaScript the browser sends it whole');
  await broken(page);
  const sent: string[] = [];
  let abort = true;
  await page.route(/\/uploads\/up_/, async (route) => {
    const request = route.request();
    sent.push(request.method());
    // The second piece does not arrive.
    if (request.method() === 'PUT' && /offset=[1-9]/.test(request.url()) && abort) {
      abort = false;
      return route.abort('connectionfailed');
    }
    return route.continue();
  });
  await give(page, [photo('large.png', 2800, 700)], js);
  await expect(page.locator('.thumb .meta')).not.toBeEmpty();
  await expect(kept(page)).toHaveCount(1);
  expect(sent.slice(0, 4)).toEqual(['PUT', 'PUT', 'GET', 'PUT']);
  const size = await page.evaluate(async (address) => {
    const picture = new Image();
    picture.src = address!;
    await picture.decode();
    return [picture.naturalWidth, picture.naturalHeight];
  }, await kept(page).locator('a').getAttribute('href'));
  expect(size).toEqual([2400, 600]);
});

test('what is pasted is taken, and the form waits for what is on its way', async ({ page, javaScriptEnabled: js }) => {
  test.skip(!js, 'needs JavaScript');
  await broken(page);
  await page.locator('.upload').first().waitFor();
  await give(page, [photo('first.png')], js);
  await expect(kept(page)).toHaveCount(1);
  await page.route(/\/uploads\/up_/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 700));
    return route.continue();
  });
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'pasted.png', { type: 'image/png' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, [...png(60, 40)]);
  await expect(page.locator('.thumb')).toHaveCount(2);
  await onwards(page);
  await expect(page).toHaveURL(/\/wish$/);
  await page.goBack();
  await expect(kept(page)).toHaveCount(2);
});

test('a connection that does not come back can be tried again', async ({ page, javaScriptEnabled: js }) => {
  test.skip(!js, 'needs JavaScript');
  test.setTimeout(120_000);
  await page.clock.install();
  await broken(page);
  await page.route(/\/uploads$/, (route) => route.abort());
  await give(page, [photo('lost.png')], js);
  for (let pause = 0; pause < 14; pause++) {
    await page.clock.runFor(21_000);
    await page.waitForTimeout(50);
  }
  await expect(page.locator('.thumb.bad')).toBeVisible();
  await page.unroute(/\/uploads$/);
  await page.locator('.thumb .again').click();
  await expect(kept(page)).toHaveCount(1);
});
