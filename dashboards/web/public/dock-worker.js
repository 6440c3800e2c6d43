// Brings the screen of a door back after a reload without a network, with what it showed last. What is done there meanwhile is
// kept by the page itself (src/dock/kept-actions.ts).
const CACHE = 'isotherm-dock-1';
const SHELL = /^\/(assets\/|icon\.svg$|colours\.js$)/;
const STATE = /^\/api\/v1\/(sign-in$|portals\/|passes\/)/;
const PATIENCE_MS = 4_000;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  // The names of these hold a hash of what they are.
  if (pathname.startsWith('/assets/')) event.respondWith(kept(request).then((found) => found ?? fresh(request)));
  else if (request.mode === 'navigate' || SHELL.test(pathname) || STATE.test(pathname)) {
    event.respondWith(
      fresh(request, AbortSignal.timeout(PATIENCE_MS)).catch(async (error) => {
        const found = await kept(request);
        if (found === undefined) throw error;
        return found;
      }),
    );
  }
});

async function fresh(request, signal) {
  const answer = await (signal === undefined
    ? fetch(request)
    : fetch(request.url, { signal, credentials: 'same-origin' }));
  if (answer.ok) await (await caches.open(CACHE)).put(request.url, answer.clone());
  return answer;
}

async function kept(request) {
  return (await caches.open(CACHE)).match(request.url, { ignoreVary: true });
}
