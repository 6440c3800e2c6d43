// Shows what Isotherm tells this browser while no page of it is open. What it is sent: alerts/push/browser-push.ts.
self.addEventListener('push', (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // A push service that lost the content still says that something was sent: a browser asks for something to be shown.
  }
  const { title = 'Isotherm', body = '', tag = 'isotherm', lang = 'en', isUrgent = false, links = [] } = told;
  const [link, ...more] = links;
  event.waitUntil(
    self.registration.showNotification(title, {
      ...{ body, tag, lang, icon: '/icon.svg' },
      // What became of an alert takes the place of what was said of it, and is heard again.
      renotify: true,
      requireInteraction: isUrgent,
      data: { link: link?.url ?? '/', more: more.map(({ url }) => url) },
      // Each leads to a page: nothing is done before a person has seen what it will do.
      actions: more.slice(0, 2).map(({ text }, index) => ({ action: String(index), title: text })),
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { link, more } = event.notification.data;
  const address = new URL(event.action === '' ? link : (more[Number(event.action)] ?? link), self.location.origin);
  // Its pages are here, by whatever name this browser knows them.
  const own = new URL(`${address.pathname}${address.search}`, self.location.origin).href;
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((windows) => {
      const open = windows.find(({ url }) => url === own);
      return open === undefined ? self.clients.openWindow(own) : open.focus();
    }),
  );
});
