/** As in public/dock-worker.js. */
const CACHE = 'isotherm-dock-1';

/**
 * Keeps this screen and what it shows in the browser, so that it comes back after a reload without a network. Only where the
 * page came by TLS or from this machine: browsers keep pages of others for nobody.
 *
 * @param door whose state is kept
 */
export async function keepPage(door: string): Promise<void> {
  if (!('serviceWorker' in navigator) || !('caches' in window)) return;
  await navigator.serviceWorker.register('/dock-worker.js', { scope: '/dock/' });
  const cache = await caches.open(CACHE);
  const files = performance
    .getEntriesByType('resource')
    .map(({ name }) => new URL(name))
    .filter(
      ({ origin, pathname }) => origin === location.origin && /^\/(assets\/|icon\.svg|colours\.js)/.test(pathname),
    )
    .map(({ pathname }) => pathname);
  const portal = `/api/v1/portals/${encodeURIComponent(door)}`;
  await cache.addAll([
    ...new Set([location.pathname, ...files, '/api/v1/sign-in', portal, `${portal}/passes?limit=20`]),
  ]);
}

/** Nobody is signed in here any more: what was kept is nobody's. */
export async function forgetPage(): Promise<void> {
  if ('caches' in window) await caches.delete(CACHE);
}
