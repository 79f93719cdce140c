/** Texts that are kept beside the tests, and compared: `BLESS=yes` writes them anew. */
import { expect } from '@playwright/test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bought } from './shop';

const folder = join(import.meta.dirname, '../golden');

/** Compares a text with its file; what is another each time (`bought`, days, numbers of returns and parcels) is named instead. */
export function same(file: string, text: string, bought: Bought) {
  const plain = lasting(text, bought);
  if (process.env.BLESS === 'yes') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), plain);
  }
  expect(plain, `end2end/golden/${file}; BLESS=yes writes it anew`).toBe(readFileSync(join(folder, file), 'utf8'));
}

const MONTHS = 'January|February|March|April|May|June|July|August|September|October|November|December';
const WEEKDAYS = 'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Mon|Tue|Wed|Thu|Fri|Sat|Sun';

function lasting(text: string, { number, email, phone }: Bought): string {
  return text
    .replaceAll(number, 'ORDER').replaceAll(email, 'EMAIL').replaceAll(phone, 'PHONE')
    .replace(/R-[0-9A-Z]{4}-[0-9A-Z]{4}/g, 'R-RETURN').replace(/HB[0-9A-Z]{8,}/g, 'PARCEL').replace(/\b[0-9A-Z]{4} [0-9A-Z]{4}\b/g, 'RETURN')
    .replace(/(\S+ · ){3}\S+ — (\S+ · ){3}[^\s"]+/g, 'SPELLED')
    .replace(new RegExp(`((${WEEKDAYS}) )?\\d{1,2} (${MONTHS})( \\d{4})?(, \\d\\d:\\d\\d)?`, 'g'), 'DAY')
    .replace(/(\d{4}年)?\d{1,2}月\d{1,2}日(（周.）)?(\d\d:\d\d)?/g, '某日')
    // Whether the mail has gone when the page is made is another each time.
    .replace(/Messages: \d+ new/g, 'Messages').replace(/消息：\d+ 条未读/g, '消息')
    .replace(/at most \d+ days/g, 'at most N days').replace(/最多 \d+ 天/g, '最多 N 天')
    .replace(/\S…\S@example\.com/g, 'MASKED')
    .replace(/[0-9a-f]{32}/g, 'DRAFT').replace(/127\.0\.0\.1:\d+/g, 'SHOP');
}
