/** The README's story, told by a client that was generated from the document: an order comes in, some of it goes back. */
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './generated/api.js';

type Order = components['schemas']['Order'];
type ReturnRequest = components['schemas']['ReturnRequest'];

const { HOMEBOUND_TRY_BASE: base, HOMEBOUND_TRY_KEY: key } = process.env;
const shop = createClient<paths>({ baseUrl: `${base}/api`, headers: { Authorization: `Bearer ${key}` } });

/** What was answered; a problem document ends the story. */
function told<T>({ data, error }: { data?: T; error?: unknown }): T {
  assert.ok(data !== undefined, JSON.stringify(error));
  return data;
}

const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
const number = 'TS-1';
const order: Order = {
  number, placed_at: ago(4), currency: 'EUR', customer: { email: 'anna@example.com' }, ship_to: { country: 'DE' },
  lines: [{ id: '1', sku: 'TEE', name: 'Cotton tee', category: 'apparel', quantity: 2, unit_price: '24.50' }],
  deliveries: [{ delivered_at: ago(2) }],
};
const put = await shop.PUT('/v1/orders/{number}', { params: { path: { number } }, body: order });
assert.equal(told(put).outcome, 'created');
assert.equal(told(await shop.GET('/v1/orders/{number}', { params: { path: { number } } })).returnable[0]?.available, 2);

const line = { line: '1', quantity: 1, reason: 'dislike', condition: 'opened', resolution: 'refund' } as const;
const request: ReturnRequest = { orders: [number], method: 'self_ship', lines: [line] };
const quote = told(await shop.POST('/v1/returns/quote', { body: request }));
assert.equal(quote.lines[0]?.verdict, 'approved');

const header = { 'Idempotency-Key': 'ts-1' };
const opened = told(await shop.POST('/v1/returns', { body: request, params: { header } }));
const again = told(await shop.POST('/v1/returns', { body: request, params: { header } }));
assert.deepEqual(again, opened, 'the same request is the same return');
assert.deepEqual(opened.expected, quote.expected, 'the preview is what is promised');
const rma = opened.rma ?? assert.fail('a return has a number');

const path = { rma };
const added = told(await shop.POST('/v1/returns/{rma}/lines', { params: { path }, body: { lines: [line] } }));
assert.equal(added.lines.reduce((units, { quantity }) => units + quantity, 0), 2);
const form = new FormData();
// 1 × 1 pixels.
form.append('file', new Blob([Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')]), 'crack.gif');
const shown = await shop.POST('/v1/returns/{rma}/evidence', { params: { path }, body: form as never, bodySerializer: () => form });
assert.match(told(shown).id, /^ev_/);
const label = await shop.GET('/v1/returns/{rma}/label.pdf', { params: { path, query: { size: 'a6' } }, parseAs: 'arrayBuffer' });
assert.equal(Buffer.from(told(label)).subarray(0, 5).toString(), '%PDF-');
const timeline = told(await shop.GET('/v1/returns/{rma}/timeline', { params: { path } }));
assert.equal(timeline.events[0]?.event, 'opened');
assert.ok(timeline.entries.every((entry) => entry.text.length > 0));

const cancelled = told(await shop.POST('/v1/returns/{rma}/cancel', { params: { path }, body: {} }));
assert.equal(cancelled.status, 'cancelled');
const page = told(await shop.GET('/v1/returns', { params: { query: { status: 'cancelled', limit: 1 } } }));
assert.equal(page.items[0]?.rma, rma);

const { error, response } = await shop.GET('/v1/returns/{rma}', { params: { path: { rma: 'R-0' } } });
assert.deepEqual([response.status, error?.type], [404, '/problems/not-found'], 'a problem has its type');
