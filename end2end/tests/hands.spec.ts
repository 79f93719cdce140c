/** Fast hands: fifty seeded cases decided by keyboard alone; key presses and page loads of each decision are counted, and their medians kept below. */
import { expect, test } from '@playwright/test';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hireAt } from './people';
import { daysAgo, environment, program } from './shop';

const CASES = 50;

/** The same fifty each time: what is decided about each. */
function* decisions(): Generator<{ decision: 'approve' | 'decline' | 'ask'; item: string }> {
  for (let place = 0, chance = 16; place < CASES; place++) {
    chance = (chance * 1103515245 + 12345) % 2_147_483_648;
    const kind = Math.floor((chance / 2_147_483_648) * 10);
    yield { decision: kind < 6 ? 'approve' : kind < 8 ? 'decline' : 'ask', item: `Item ${place}` };
  }
}

const median = (numbers: number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

test('fifty cases are decided with few keys and one page each', async ({ page }, { project, parallelIndex }) => {
  test.skip(project.name !== 'desktop', 'keys need a script, and a keyboard');
  test.setTimeout(240_000);
  const port = 3830 + parallelIndex;
  const base = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'homebound-'));
  const env = { ...environment, HOMEBOUND_LISTEN: `127.0.0.1:${port}`, HOMEBOUND_PUBLIC_URL: base, HOMEBOUND_DATA_DIR: folder, HOMEBOUND_DEMO: 'false' };
  const key = execFileSync(program, ['key', 'add', '--name', 'hands', '--scope', 'write'], { env }).toString().trim();
  const server = spawn(program, ['serve'], { env, stdio: 'ignore' });
  const over = new Promise((resolve) => server.once('exit', resolve));
  try {
    await expect.poll(() => fetch(`${base}/readyz`).then((answer) => answer.ok, () => false), { timeout: 30_000 }).toBe(true);
    const call = async (method: string, path: string, body: object) => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const answer = await fetch(`${base}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
      expect(answer.ok, await answer.clone().text()).toBe(true);
      return answer.json();
    };
    const wanted = new Map<string, string>();
    let place = 0;
    for (const { decision, item } of decisions()) {
      const number = `H-${place++}`;
      await call('PUT', `/orders/${number}`, {
        number, placed_at: daysAgo(6), currency: 'EUR', customer: { name: 'Anna Berg', email: `${number}@example.com` }, ship_to: { country: 'DE' },
        lines: [{ id: '1', sku: 'CAM', name: item, category: 'home', quantity: 1, unit_price: '80.00' }],
        deliveries: [{ shipped_at: daysAgo(4), delivered_at: daysAgo(2) }],
      });
      const line = { line: '1', quantity: 1, reason: 'dislike', resolution: 'refund' };
      const opened = await call('POST', '/returns', { orders: [number], method: 'self_ship', lines: [line] });
      expect(opened.status).toBe('in_review');
      wanted.set(opened.rma, decision);
    }
    await page.context().addCookies([{ name: 'lang', value: 'en', url: base }]);
    await hireAt(env, page, 'support', '--overrides');
    const rma = () => /R-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.url())?.[0] ?? '';
    let loads = 0;
    page.on('framenavigated', (frame) => (loads += frame === page.mainFrame() ? 1 : 0));
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/staff\/returns\/R-/);
    const counted: { keys: number; letters: number; loads: number }[] = [];
    while (wanted.size) {
      const here = rma();
      const decision = wanted.get(here);
      expect(decision, `${here} is one of ours, and undecided`).toBeDefined();
      const before = loads;
      let [keys, letters] = [1, 0];
      if (decision === 'approve') {
        await page.keyboard.press('a');
      } else {
        await page.keyboard.press(decision === 'decline' ? 'd' : 'q');
        const words = decision === 'decline' ? 'Worn.' : 'Label?';
        await page.keyboard.type(words);
        await page.keyboard.press('Control+Enter');
        [keys, letters] = [2, words.length];
      }
      await expect.poll(rma).not.toBe(here);
      await page.waitForLoadState('domcontentloaded');
      counted.push({ keys, letters, loads: loads - before });
      wanted.delete(here);
    }
    const of = (name: 'keys' | 'letters' | 'loads') => median(counted.map((one) => one[name]));
    console.log(`${counted.length} decisions: median ${of('keys')} keys, ${of('letters')} letters, ${of('loads')} page loads`);
    expect(counted.length).toBe(CASES);
    expect(of('keys')).toBeLessThanOrEqual(4);
    expect(of('loads')).toBeLessThanOrEqual(1);
    await page.goto(`${base}/staff`);
    await expect(page.locator('a.task')).toHaveCount(0);
  } finally {
    server.kill('SIGTERM');
    await over;
    rmSync(folder, { recursive: true, force: true });
  }
});
