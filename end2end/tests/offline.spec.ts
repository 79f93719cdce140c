/**
 * The dock without network (N16): what is scanned, booked in and looked at goes on, and is sent once when there is a network again. One browser is
 * killed while it sends, one is signed out, one clerk's role is taken: nothing is lost, nothing doubled, and what cannot be taken stands beside how
 * things are. `SCANS=500` is the long form.
 */
import { chromium, expect as expects, test, type Browser, type Page } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { nothingFound } from './axe';
import { network, type Network } from './network';
import { codeOf, hire, type Colleague } from './people';
import { api, buy, environment as env, png, program, staff, tee } from './shop';

// What is written down is on the disk before it counts, and that may be busy.
const expect = expects.configure({ timeout: 20_000 });
const scans = Number(process.env.SCANS ?? 12);
const photo = () => ({ name: 'unit.png', mimeType: 'image/png', buffer: png(40, 30) });

/** A return of two units, on its way. */
async function coming(): Promise<{ rma: string; parcel: string }> {
  const bought = await buy({ lines: [{ ...tee, quantity: 2, discount: '0.00' }] });
  const asked = { orders: [bought.number], lines: [{ line: '1', quantity: 2, reason: 'dislike', condition: 'unopened', resolution: 'refund' }], method: 'self_ship' };
  const { status, body } = await api('/returns', { method: 'POST', body: JSON.stringify(asked) });
  expect(status, JSON.stringify(body)).toBe(201);
  return { rma: body.rma, parcel: body.parcels[0].tracking_number };
}

/** The browser has kept the pages of all these. */
async function keeps(page: Page, line: Network, rmas: string[]) {
  await page.goto(`${line.base}/staff/dock`);
  await expect.poll(() => page.evaluate(async (rmas) => {
    const cache = await caches.open('dock');
    const kept = await Promise.all(rmas.map((rma) => cache.match(`/staff/dock/${rma}`)));
    return kept.filter(Boolean).length;
  }, rmas), { timeout: 30_000 + 300 * rmas.length }).toBe(rmas.length);
  await page.reload();
}

const scan = async (page: Page, code: string) => {
  await page.locator('[data-scan]').fill(code);
  await page.locator('[data-scan]').press('Enter');
};

const bookIn = async (page: Page, rma: string) => {
  await expect(page).toHaveURL(new RegExp(`/staff/dock/${rma}#scanned$`));
  await expect(page.locator('#scanned')).toBeVisible();
  await page.locator('#do-receive [name="came|1"]').fill('2');
  await page.locator('#do-receive button[type=submit]').click();
};

const look = async (page: Page, withPhoto: boolean) => {
  const form = page.locator('form#do-inspect-1');
  await expect(form).toBeVisible();
  await form.locator('[name="result|1"][value=accepted]').check();
  await form.locator('[name="grade|1"]').selectOption('A');
  await form.locator('[name="answer|worn|1"]').selectOption('none');
  await form.locator('[name="to|1"]').selectOption('restock');
  if (withPhoto) await form.locator('[type=file]').setInputFiles([photo()]);
  await form.locator('button[type=submit]').click();
};

/** Scans, books in and looks, without network; every third with a photo. */
async function without(page: Page, cases: { rma: string; parcel: string }[]) {
  for (const [place, one] of cases.entries()) {
    await scan(page, place % 2 ? one.rma : `]C1${one.parcel}`);
    await bookIn(page, one.rma);
    await expect(page).toHaveURL(new RegExp(`/staff/dock/${one.rma}#kept$`));
    await expect(page.locator('#kept')).toBeVisible();
    await look(page, place % 3 === 0);
    await expect(page.locator('#waits [data-list] li')).toHaveCount(2);
  }
}

/** What this browser has said and not got rid of: waiting, and not taken. */
const said = (page: Page) => page.evaluate(() => new Promise<[number, number]>((good, bad) => {
  const ask = indexedDB.open('dock', 1);
  ask.onerror = () => bad(ask.error);
  ask.onsuccess = () => {
    const all = ask.result.transaction('said').objectStore('said').getAll();
    all.onsuccess = () => {
      ask.result.close();
      const conflicts = all.result.filter((one) => one.state === 'conflict').length;
      good([all.result.length - conflicts, conflicts]);
    };
  };
}));

async function signIn(page: Page, line: Network, who: Colleague) {
  await page.goto(`${line.base}/staff/sign-in`);
  await page.locator('[name=email]').first().fill(who.email);
  await page.locator('[name=password]').first().fill('vier Boote auf dem Kanal');
  await page.locator('[name=code]').first().fill(codeOf(who.key, Date.now() + 30_000));
  await page.locator('[name=code]').first().press('Enter');
  await expect(page).toHaveURL(/\/staff$/);
}

/** A browser of its own that can be killed: whatever it has written down is in a folder that another one opens again. */
async function own(folder: string): Promise<{ browser: Browser; page: Page; process: ChildProcess }> {
  const process_ = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', [
    '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--lang=en-GB', '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const address = await new Promise<string>((ready, gone) => {
    let heard = '';
    process_.stderr!.on('data', (bytes) => {
      heard += bytes;
      const found = /DevTools listening on (ws:\S+)/.exec(heard);
      if (found) ready(found[1]);
    });
    process_.on('exit', () => gone(new Error(heard)));
  });
  const browser = await chromium.connectOverCDP(address);
  const context = browser.contexts()[0];
  await context.addCookies([{ name: 'lang', value: 'en', url: env.HOMEBOUND_PUBLIC_URL! }]);
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(60_000);
  return { browser, page, process: process_ };
}

/** With all that it began itself. */
async function kill(browser: ChildProcess) {
  if (browser.exitCode !== null || browser.signalCode !== null) return;
  const gone = new Promise((gone) => browser.on('exit', gone));
  process.kill(-browser.pid!, 'SIGKILL');
  await gone;
}

/** Each return came once, was looked at once, and has as many photos as were taken. */
async function allOnce(page: Page, cases: { rma: string }[]) {
  for (const [place, { rma }] of cases.entries()) {
    const { body } = await api(`/returns/${rma}`);
    const lots = body.lines[0].lots.map((lot: any) => [lot.units, lot.reception, lot.inspection, lot.disposition].join(' '));
    expect(lots, rma).toEqual(['2 received accepted restock']);
    if (place % 3) continue;
    await page.goto(`/staff/returns/${rma}`);
    await expect(page.locator('.goods .thumb')).toHaveCount(1);
  }
}

test.describe('the dock without network', () => {
  test.beforeEach(({ javaScriptEnabled }, info) => {
    test.skip(!javaScriptEnabled || info.project.name !== 'desktop', 'a worker needs JavaScript; once is enough');
    test.setTimeout(180_000 + scans * 8_000);
  });

  test('what one browser said before it was killed is sent once, when who said it is in again', async ({ page, browser }, info) => {
    const folder = info.outputPath('profile');
    const line = await network();
    const cases = [];
    for (let n = 0; n < scans / 2; n++) cases.push(await coming());
    let mine = await own(folder);
    try {
      const li = await hire(mine.page, 'warehouse');
      await keeps(mine.page, line, cases.map((one) => one.rma));
      line.cut();
      await without(mine.page, cases);
      expect(await said(mine.page)).toEqual([cases.length * 2, 0]);
      // Nothing known fits: said so, without network too.
      await scan(mine.page, 'nothing-of-ours');
      await expect(mine.page.locator('#unknown')).toBeVisible();

      // It is killed while it sends: what was said last was done, and it does not hear of it any more.
      line.deaf(3);
      line.join();
      await mine.page.locator('#waits [data-send]').click();
      await expect.poll(() => said(mine.page)).toEqual([cases.length * 2 - 3, 0]);
      await expect.poll(() => line.unheard()).toBe(1);
      await kill(mine.process);

      line.deaf(Infinity);
      mine = await own(folder);
      // Where the browser had time to write it down, Li is still in: not on a shared one, whose session is over by the morning.
      await mine.page.context().clearCookies({ name: 'homebound-staff' });
      // A colleague is in: sees how many there are, and sends none of them.
      const kim = await hire(await (await browser.newContext()).newPage(), 'warehouse');
      await signIn(mine.page, line, kim);
      await mine.page.goto(`${line.base}/staff/dock`);
      await mine.page.locator('#waits').waitFor({ state: 'attached' });
      const [before] = await said(mine.page);
      expect(before).toBe(cases.length * 2 - 3);
      await expect(mine.page.locator('[data-others]')).toContainText(`Of colleagues: ${before}`);
      await mine.page.waitForTimeout(1_000);
      expect((await said(mine.page))[0]).toBe(before);
      // Nothing of Kim's waits: signing out does not ask, and loses nothing of Li's.
      await mine.page.locator('form[action="/staff/sign-out"] button').click();
      await expect(mine.page).toHaveURL(/\/staff\/sign-in/);

      await signIn(mine.page, line, li);
      await mine.page.goto(`${line.base}/staff/dock`);
      await expect.poll(() => said(mine.page), { timeout: 60_000 + scans * 2_000 }).toEqual([0, 0]);
      await hire(page, 'warehouse');
      await allOnce(page, cases);
    } finally {
      await kill(mine.process);
      line.end();
    }
  });

  test('who is signed out, whose role is taken, and what changed meanwhile: nothing is dropped', async ({ page, browser }, info) => {
    const line = await network();
    const cases = [];
    for (let n = 0; n < scans / 2; n++) cases.push(await coming());
    const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 360, height: 780 } });
    await context.addCookies([{ name: 'lang', value: 'en', url: env.HOMEBOUND_PUBLIC_URL! }]);
    const theirs = await context.newPage();
    const noa = await hire(theirs, 'warehouse');
    await keeps(theirs, line, cases.map((one) => one.rma));
    await nothingFound(theirs, 'dock', (scheme) => theirs.screenshot({ path: info.outputPath(`dock-${scheme}.png`), fullPage: true }));
    line.cut();
    await without(theirs, cases);
    expect(await theirs.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    await nothingFound(theirs, 'kept', (scheme) => theirs.screenshot({ path: info.outputPath(`kept-${scheme}.png`), fullPage: true }));

    // Somebody else booked the first one in meanwhile, by machine; and Noa works at the desk now.
    const booked = await staff(`/returns/${cases[0].rma}/receive`, { lines: [{ line: '1', quantity: 1 }, { line: '1', quantity: 1, outcome: 'short' }] });
    expect(booked.status).toBe(200);
    const role = (roles: string) => execFileSync(program, ['user', 'change', '--email', noa.email, '--roles', roles], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    role('support');
    line.join();
    await theirs.goto(`${line.base}/staff/dock`);
    await expect.poll(() => said(theirs), { timeout: 60_000 + scans * 1_000 }).toEqual([0, cases.length * 2]);
    await expect(theirs.locator('.conflict')).toHaveCount(cases.length * 2);
    await expect(theirs.locator('.conflict').first().locator('[data-wanted] li').first()).toContainText('2');
    await expect(theirs.locator('.conflict').first().locator('[data-is] li').first()).not.toBeEmpty();
    await expect(theirs.locator('.conflict').first().locator('[data-why]')).toContainText('Warehouse');
    // Hundreds of them make a page that a picture takes minutes of.
    if (scans <= 50) await nothingFound(theirs, 'conflicts', (scheme) => theirs.screenshot({ path: info.outputPath(`conflicts-${scheme}.png`), fullPage: true }));
    expect(await theirs.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);

    // The role is theirs again, but their session is not: what is sent once more waits until they are in.
    role('warehouse');
    const others = await browser.newContext();
    await context.clearCookies({ name: 'homebound-staff' });
    for (let left = cases.length * 2; left > 0; left--) {
      await theirs.locator('.conflict [data-again]').first().click();
      await expect.poll(() => said(theirs)).toEqual([cases.length * 2 - left + 1, left - 1]);
      // It is written down before it is drawn: the next click is not on the same one.
      await expect(theirs.locator('.conflict')).toHaveCount(left - 1);
    }
    await theirs.goto(`${line.base}/staff/dock`);
    await expect(theirs).toHaveURL(/\/staff\/sign-in/);
    expect(await said(theirs)).toEqual([cases.length * 2, 0]);
    await signIn(theirs, line, noa);
    await theirs.goto(`${line.base}/staff/dock`);
    // The first was booked in otherwise by somebody else: its counts are not there any more, and what was found is of fewer than two.
    await expect.poll(async () => (await said(theirs))[0], { timeout: 60_000 + scans * 1_000 }).toBe(0);
    const [, conflicts] = await said(theirs);
    expect(conflicts).toBeGreaterThan(0);
    expect(conflicts).toBeLessThanOrEqual(2);
    await expect(theirs.locator('.conflict [data-what]').first()).toContainText(cases[0].rma);
    await others.close();

    // Signing out asks while something of theirs is there, and clears it only then.
    const answers: boolean[] = [false, true];
    theirs.on('dialog', (dialog) => (answers.shift() ? dialog.accept() : dialog.dismiss()));
    const out = theirs.locator('form[action="/staff/sign-out"] button');
    await out.click();
    await theirs.waitForTimeout(500);
    await expect(theirs).toHaveURL(/\/staff\/dock/);
    expect((await said(theirs))[1]).toBe(conflicts);
    await out.click();
    await expect(theirs).toHaveURL(/\/staff\/sign-in/);
    expect(await said(theirs)).toEqual([0, 0]);
    expect(await theirs.evaluate(async () => caches.has('dock'))).toBe(false);

    await hire(page, 'warehouse');
    await allOnce(page, cases.slice(1).map((one, place) => ({ ...one, place })).filter((one) => (one.place + 1) % 3 === 0).map(({ rma }) => ({ rma })));
    for (const { rma } of cases.slice(1)) {
      const { body } = await api(`/returns/${rma}`);
      expect(body.lines[0].lots.map((lot: any) => `${lot.units} ${lot.inspection}`), rma).toEqual(['2 accepted']);
    }
    line.end();
    await context.close();
  });
});
