// Shows that something waits, and opens the page. A push message has no content: what may be read on a locked screen names
// nobody. The words are those that the page left here in the language of the account.
const shelf = "lz-push";
const words = "/push-words";
const unknown = { title: "联诊", body: "有新的消息，请打开查看", url: "/" };

async function said() {
  try {
    const kept = await (await caches.open(shelf)).match(words);
    return kept ? { ...unknown, ...(await kept.json()) } : unknown;
  } catch {
    return unknown;
  }
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("push", (event) => {
  event.waitUntil(
    said().then(({ title, body }) =>
      self.registration.showNotification(title, {
        body,
        icon: "/icon.svg",
        badge: "/icon.svg",
        // One at a time, and heard again when another comes.
        tag: "lianzhen",
        renotify: true,
        requireInteraction: true,
      }),
    ),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    (async () => {
      const { url } = await said();
      const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
      // A page that is open keeps what is on it: it knows by its socket what is new.
      const [open] = pages;
      if (open) return open.focus();
      return self.clients.openWindow(url);
    })(),
  );
});
