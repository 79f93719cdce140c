// Keeps the dock going without network: its pages (cache `dock`), and what was said on them until it can be sent (database `dock`). What is said is
// written down before it is sent, with a name under which the server takes it once, and with who said it; it is sent in order, and only while that
// person is in. What the server does not take is kept, beside how things are, until that person has decided about it.
'use strict';

const CACHE = 'dock';
/** Milliseconds: how long pages are kept without having been seen fresh, after what time it is looked what has changed, and how long a network that
 * does not answer is waited for. */
const [OLD, FRESH, PATIENCE] = [24 * 3_600_000, 20_000, 8_000];
const SAID = /^\/staff\/dock\/([^/]+)\/(receive|inspect)$/;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => event.waitUntil(work(event.data)));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.method === 'POST' && SAID.test(pathname)) event.respondWith(say(request, pathname));
  if (request.method !== 'GET' || pathname === '/staff/dock/list') return;
  if (pathname === '/staff/scan') event.respondWith(online(request).catch(() => scan(request.url)));
  else if (/^\/staff\/dock(\/[^/]+)?$/.test(pathname)) event.respondWith(page(request, pathname));
  else if (/^\/(assets|evidence)\//.test(pathname) || pathname === '/icon.svg') event.respondWith(fetch(request).catch(() => kept(pathname)));
});

// The database. `said`: what was said, in order; `known`: what is kept of returns, and of which version each is since something of ours was taken.

const done = (asked) => new Promise((good, bad) => {
  asked.onsuccess = () => good(asked.result);
  asked.onerror = () => bad(asked.error);
});

async function stores(mode, what) {
  const ask = indexedDB.open('dock', 1);
  ask.onupgradeneeded = () => {
    ask.result.createObjectStore('said', { keyPath: 'n', autoIncrement: true }).createIndex('rma', 'rma');
    ask.result.createObjectStore('known', { keyPath: 'name' });
  };
  const database = await done(ask);
  try {
    const all = database.transaction(['said', 'known'], mode, { durability: 'strict' });
    const ended = new Promise((good, bad) => {
      all.oncomplete = good;
      all.onabort = () => bad(all.error);
    });
    const answer = await what(all.objectStore('said'), all.objectStore('known'));
    await ended;
    return answer;
  } finally {
    database.close();
  }
}

/** The first that fits, in order. */
const first = (all, fits) => new Promise((good, bad) => {
  const asked = all.openCursor();
  asked.onerror = () => bad(asked.error);
  asked.onsuccess = () => {
    if (!asked.result || fits(asked.result.value)) good(asked.result?.value);
    else asked.result.continue();
  };
});

const known = (name) => stores('readonly', async (_, known) => (await done(known.get(name)))?.value);
const note = (name, value) => stores('readwrite', (_, known) => done(known.put({ name, value })));
const tell = (signal) => new BroadcastChannel('dock').postMessage(signal);

// What is said.

async function say(request, path) {
  const form = await request.formData();
  const [, rma, what] = SAID.exec(path);
  const said = {
    rma, what, path, key: crypto.randomUUID(), clerk: form.get('clerk'), when: Date.now(), state: 'waits',
    version: Number(form.get('version')), fields: [...form].filter(([name, value]) => !['key', 'version'].includes(name) && (typeof value === 'string' || value.size > 0)),
  };
  const n = await stores('readwrite', async (all, known) => {
    const since = (await done(known.get(`since:${rma}`)))?.value;
    if (since && since.seen === said.version) said.version = since.now;
    return done(all.add(said));
  });
  await Promise.race([send(), new Promise((later) => setTimeout(later, PATIENCE))]);
  const now = await stores('readonly', (all) => done(all.get(n)));
  if (!now) return Response.redirect(`/staff/dock/${rma}#done`, 303);
  if (now.state !== 'conflict') return Response.redirect(`/staff/dock/${rma}#kept`, 303);
  // Whoever said it is there: the page itself says at its fields what is wrong.
  try {
    const answer = await fetch(path, { method: 'POST', body: body(now), redirect: 'manual' });
    await stores('readwrite', (all) => done(all.delete(n)));
    return answer;
  } catch {
    return Response.redirect('/staff/dock#conflicts', 303);
  }
}

function body(said) {
  const form = new FormData();
  for (const [name, value] of said.fields) form.append(name, value);
  form.append('key', said.key);
  form.append('version', String(said.version));
  return form;
}

/** Sends what waits, one after the other, whichever page or moment asks for it. What comes behind something that could not be sent waits with it. */
const send = () => navigator.locks.request('dock', async () => {
  const away = new Set();
  for (;;) {
    const said = await stores('readonly', (all) => first(all, (one) => one.state === 'waits' && !away.has(one.clerk)));
    if (!said) return;
    let answer;
    try {
      answer = await fetch(said.path, {
        method: 'POST', body: body(said), redirect: 'manual', headers: { accept: 'application/json' }, signal: AbortSignal.timeout(60_000),
      });
    } catch {
      return;
    }
    if (answer.status === 200) await taken(said, (await answer.json()).version);
    else if (answer.status === 403 && (await answer.clone().json().catch(() => ({}))).somebody_else) away.add(said.clerk);
    else if ([400, 409, 413, 415, 422].includes(answer.status)) await refused(said, await answer.json().catch(() => ({})));
    // Nobody is in, or the server cannot now.
    else return;
  }
});

/** What else was said of the same sight of the return is said of it as it is since. */
async function taken(said, version) {
  await stores('readwrite', async (all, known) => {
    all.delete(said.n);
    const since = (await done(known.get(`since:${said.rma}`)))?.value;
    const seen = since && since.now === said.version ? since.seen : said.version;
    known.put({ name: `since:${said.rma}`, value: { seen, now: version } });
    for (const one of await done(all.index('rma').getAll(said.rma))) {
      if (one.clerk === said.clerk && one.state === 'waits' && one.version === said.version) all.put({ ...one, version });
    }
  });
  tell('');
}

async function refused(said, conflict) {
  await stores('readwrite', (all) => done(all.put({ ...said, state: 'conflict', conflict })));
  tell('stop');
}

// What is kept of pages.

const online = (request) => fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
const kept = async (path) => (await (await caches.open(CACHE)).match(path)) ?? Response.error();

async function page(request, path) {
  try {
    const answer = await online(request);
    // Nobody is in any more: what was kept of returns is not shown to whoever comes next.
    if (answer.type === 'opaqueredirect' && path === '/staff/dock') await caches.delete(CACHE);
    return answer;
  } catch {
    if (Date.now() - ((await known('list'))?.at ?? 0) > OLD) await caches.delete(CACHE);
    const cache = await caches.open(CACHE);
    return (await cache.match(path)) ?? (await cache.match('/staff/dock')) ?? Response.error();
  }
}

/** As the server reads it: without the scanner's mark, the frame of a link, and what is no letter or digit. */
async function scan(address) {
  const read = (new URL(address).searchParams.get('code') ?? '').replace(/^\][a-z][a-z0-9]/i, '').replace(/\/+$/, '').split('/').pop();
  const code = read.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
  const cases = (await known('list'))?.cases ?? [];
  const fit = cases.filter((one) => code && one.codes.includes(code));
  const to = fit.length === 1 ? `/${fit[0].rma}#scanned` : fit.length ? '#several' : '#unknown';
  return Response.redirect(`/staff/dock${to}`, 302);
}

/** Sends what waits, and keeps anew what has changed, for who is in on the page that asks. */
async function work(clerk) {
  await send();
  const list = await known('list');
  if (list && list.clerk === clerk && Date.now() - list.at < FRESH) return;
  await navigator.locks.request('dock-keep', { ifAvailable: true }, (lock) => lock && keep()).catch(() => {});
}

async function keep() {
  const answer = await fetch('/staff/dock/list', { redirect: 'manual' });
  if (answer.status === 401) return caches.delete(CACHE);
  if (!answer.ok) return;
  const [list, before] = [await answer.json(), await known('list')];
  if (before && before.clerk !== list.clerk) await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  const put = async (address, name = address) => {
    const found = await fetch(address, { redirect: 'manual' });
    if (found.ok) await cache.put(name, found);
    return found.ok;
  };
  await note('list', { ...list, at: Date.now() });
  await Promise.all([put('/staff/dock?quiet', '/staff/dock'), ...list.assets.map((address) => put(address))]);
  const versions = before && before.clerk === list.clerk ? ((await known('versions')) ?? {}) : {};
  for (const one of list.cases) {
    const path = `/staff/dock/${one.rma}`;
    if (versions[one.rma] === one.version && (await cache.match(path))) continue;
    if (await put(`${path}?quiet`, path)) versions[one.rma] = one.version;
    for (const id of one.photos) if (!(await cache.match(`/evidence/${id}/preview`))) await put(`/evidence/${id}/preview`);
  }
  const here = new Set(list.cases.map((one) => one.rma));
  for (const rma of Object.keys(versions)) {
    if (here.has(rma)) continue;
    delete versions[rma];
    await cache.delete(`/staff/dock/${rma}`);
  }
  await note('versions', versions);
}
