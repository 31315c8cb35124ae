// What was booked can be read without a line: the last copy of these pages, with its time. Nothing else is kept.
const CACHE = 'booking-1';
const KEPT = /^\/booking\/(mine\/|l\/[^/]+\/)$/;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', (event) => {
  if (event.data === 'forget') event.waitUntil(caches.delete(CACHE));
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith('/static/')) event.respondWith(fromCacheFirst(event.request));
  else if (event.request.mode === 'navigate' && KEPT.test(url.pathname)) event.respondWith(fromLineFirst(event.request));
});

// Names of static files carry a hash: a copy is never out of date.
async function fromCacheFirst(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await cache.put(request, fresh.clone());
  return fresh;
}

async function fromLineFirst(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await cache.put(request, await stamped(fresh.clone()));
    return fresh;
  } catch (error) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw error;
  }
}

async function stamped(response) {
  const page = await response.text();
  const headers = new Headers(response.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(page.replace('data-offline hidden', `data-offline data-at="${Date.now()}" hidden`), { headers });
}
