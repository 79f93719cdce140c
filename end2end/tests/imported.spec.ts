/** Rows of a real shop come in by the command line and go back by browser and machine. They are dated last week, as if exported today. */
import { expect, test } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { answerAll, api, daysAgo, environment, folder, onwards, program } from './shop';

const table = join(import.meta.dirname, '../../../shared/data/uci-online-retail/dev/online_retail_2010-12_2011-06.csv.gz');

test.skip(!existsSync(table), 'the data set does not lie beside the project');

test('an order of a real shop is imported and returned', async ({ page }, { project }) => {
  const [header, ...rows] = gunzipSync(readFileSync(table)).toString().trimEnd().split(/\r?\n/);
  // The first invoice of several rows, under a number and a customer no other test has.
  const invoice = rows[0].split(',')[0];
  const number = `7${randomInt(1e7, 1e8)}`;
  const customer = randomInt(1e4, 1e5);
  const date = daysAgo(6).slice(0, 19).replace('T', ' ');
  const dated = rows
    .filter((row) => row.startsWith(`${invoice},`))
    .map((row) => row.replace(invoice, number).replace(/,\d{5}\.0,/, `,${customer}.0,`).replace(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}/, date));
  expect(dated.length).toBeGreaterThan(2);
  const file = join(folder, `${project.name.replaceAll(' ', '-')}.csv`);
  writeFileSync(file, [header, ...dated, ''].join('\n'));
  const report = execFileSync(program, ['import', 'orders', file, '--format', 'csv', '--mapping', 'uci-online-retail'], { env: environment }).toString();
  expect(report).toMatch(/1 {2}orders taken \(1 new/);

  const { body: known } = await api(`/orders/${number}`);
  const [, second] = known.order.lines;
  const request = { orders: [number], method: 'self_ship', lines: [{ line: second.id, quantity: 1, reason: 'dislike', condition: 'unopened', resolution: 'refund' }] };
  const { status, body } = await api('/returns', { method: 'POST', body: JSON.stringify(request) });
  expect([status, body.status], JSON.stringify(body)).toEqual([201, 'approved']);

  await page.goto('/');
  await page.locator('[name=number]').first().fill(number);
  await page.locator('[name=contact]').first().fill(known.order.customer.email);
  await page.locator('form[action="/"] button.btn').click();
  await answerAll(page, { condition: 'unopened' });
  await onwards(page);
  await expect(page).toHaveURL(/\/returns\/R-[^/]+\/done$/);
});
