// Keeps a courier's round going without network: its page (cache `round`), and what was said at doors until it can be sent (database `round`). What is
// said is written down before it is sent and sent in order; the server takes it once, however often it arrives. What is not on the round any more stays
// written down, so that the courier learns of it.
'use strict';

const CACHE = 'round';
/** Milliseconds: how long a page is kept, and how long a network that does not answer is waited for. */
const [OLD, PATIENCE] = [36 * 3_600_000, 8_000];
const PAGE = /^\/round\/[^/]+$/;
const SAID = /^(\/round\/[^/]+)\/([^/]+)$/;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => event.waitUntil(work(event.data)));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === 'POST' && SAID.test(pathname)) event.respondWith(say(request, pathname));
  if (request.method !== 'GET') return;
  if (PAGE.test(pathname) && pathname !== '/round/worker.js') event.respondWith(page(request, pathname));
  else if (/^\/assets\//.test(pathname) || pathname === '/icon.svg') event.respondWith(asset(request, pathname));
});

const done = (asked) => new Promise((good, bad) => {
  asked.onsuccess = () => good(asked.result);
  asked.onerror = () => bad(asked.error);
});

async function store(mode, what) {
  const ask = indexedDB.open('round', 1);
  ask.onupgradeneeded = () => ask.result.createObjectStore('said', { keyPath: 'n', autoIncrement: true });
  const database = await done(ask);
  try {
    const all = database.transaction('said', mode, { durability: 'strict' });
    const ended = new Promise((good, bad) => {
      all.oncomplete = good;
      all.onabort = () => bad(all.error);
    });
    const answer = await what(all.objectStore('said'));
    await ended;
    return answer;
  } finally {
    database.close();
  }
}

const tell = (signal) => new BroadcastChannel('round').postMessage(signal);

async function say(request, path) {
  const form = await request.formData();
  const [, here, rma] = SAID.exec(path);
  const fields = [...form].filter(([, value]) => typeof value === 'string');
  const n = await store('readwrite', (all) => done(all.add({ path, rma, fields, when: Date.now(), state: 'waits' })));
  await Promise.race([send(), new Promise((later) => setTimeout(later, PATIENCE))]);
  const now = await store('readonly', (all) => done(all.get(n)));
  return Response.redirect(`${here}#${now ? 'waits' : rma}`, 303);
}

/** Sends what waits, one after the other, whichever page or moment asks for it. Answers how many were taken. */
const send = () => navigator.locks.request('round', async () => {
  let taken = 0;
  for (;;) {
    const said = (await store('readonly', (all) => done(all.getAll()))).find((one) => one.state === 'waits');
    if (!said) return taken;
    const body = new URLSearchParams([...said.fields, ['when', String(said.when)]]);
    let answer;
    try {
      answer = await fetch(said.path, { method: 'POST', body, redirect: 'manual', headers: { accept: 'application/json' }, signal: AbortSignal.timeout(30_000) });
    } catch {
      return taken;
    }
    if (answer.status === 200) {
      await store('readwrite', (all) => done(all.delete(said.n)));
      taken += 1;
    } else if ([400, 409, 410, 413, 422].includes(answer.status)) {
      await store('readwrite', (all) => done(all.put({ ...said, state: 'away' })));
      tell('away');
    } else return taken;
  }
});

async function work(here) {
  const waited = await store('readonly', (all) => done(all.getAll()));
  if (await send()) tell('taken');
  else if (waited.length) tell('');
  // What nobody can do anything about any more is forgotten with its day.
  await store('readwrite', async (all) => {
    for (const one of await done(all.getAll())) if (one.state === 'away' && Date.now() - one.when > OLD) all.delete(one.n);
  });
  if (here && PAGE.test(here)) await keep(here).catch(() => {});
}

const aside = (answer, at) => {
  const headers = new Headers(answer.headers);
  headers.set('x-kept', String(at));
  return new Response(answer.body, { status: answer.status, headers });
};

/** Keeps the page and what it is drawn with. */
async function keep(path) {
  const cache = await caches.open(CACHE);
  const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status === 410 || answer.status === 404) await caches.delete(CACHE);
  if (!answer.ok) return;
  const text = await answer.clone().text();
  await cache.put(path, aside(answer, Date.now()));
  const drawn = [...new Set([...text.matchAll(/(?:href|src)="(\/assets\/[^"]+|\/icon\.svg)"/g)].map((found) => found[1]))];
  await Promise.all(drawn.map(async (one) => (await cache.match(one)) ?? cache.add(one).catch(() => {})));
}

async function page(request, path) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 410 || answer.status === 404) await caches.delete(CACHE);
    return answer;
  } catch {
    const kept = await (await caches.open(CACHE)).match(path);
    if (kept && Date.now() - Number(kept.headers.get('x-kept')) > OLD) {
      await caches.delete(CACHE);
      return Response.error();
    }
    return kept ?? Response.error();
  }
}

async function asset(request, path) {
  try {
    return await fetch(request);
  } catch {
    return (await (await caches.open(CACHE)).match(path)) ?? Response.error();
  }
}
