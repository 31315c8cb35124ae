/*
 * Shows pushed messages while no page is open. It keeps nothing and fetches nothing: a message says its words and where it leads.
 * Served under its own name, because a browser knows a service worker by its address.
 */
addEventListener('push', (event) => {
  let message = {};
  try {
    message = event.data ? event.data.json() : {};
  } catch {
    // Not one of ours; a push must show something all the same, or the browser takes the permission back.
  }
  const title = message.title || 'Thông báo mới';
  event.waitUntil(
    registration.showNotification(title, {
      body: message.body || '',
      tag: message.tag || 'message', // the same message again replaces itself
      icon: '/static/favicon.svg',
      data: { url: message.url || '/notifications/' },
    }),
  );
});

addEventListener('notificationclick', (event) => {
  event.notification.close();
  const url = new URL(event.notification.data?.url || '/notifications/', location.origin);
  if (url.origin !== location.origin) return;
  event.waitUntil(
    clients.matchAll({ type: 'window', includeUncontrolled: true }).then((pages) => {
      const open = pages.find((page) => new URL(page.url).pathname === url.pathname);
      return open ? open.focus() : clients.openWindow(url.href);
    }),
  );
});
