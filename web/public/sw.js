// The service worker: keeps the pages' program, so that they open without network, and shows push messages.
//
// It keeps files of the program only: never an answer of the server, a token or a picture. What the person needs on the road lies
// sealed in the page's own store (src/offline).

// The build writes the program's files here (shell.ts); without a build there is nothing to keep.
const shell = { build: "", files: [] };

const prefix = "lz-shell-";
const shelfOf = (build) => prefix + build;
const start = "/index.html";
/** ms that a page waits for the network before it is opened from the device */
const patience = 4000;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fill());
});

/** A build is kept whole or not at all. */
async function fill() {
  if (!shell.build) return;
  const shelf = await caches.open(shelfOf(shell.build));
  try {
    // Files with their hash in the name may come from the browser's own cache; the page itself must not.
    await shelf.addAll([
      new Request(start, { cache: "reload" }),
      ...shell.files.map((file) => new Request(file)),
    ]);
  } catch (error) {
    await caches.delete(shelfOf(shell.build));
    throw error;
  }
}

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

/** Pages of the build before may still be open and load parts of it: one former build stays. */
async function takeOver() {
  const builds = (await caches.keys()).filter((name) => name.startsWith(prefix));
  const former = builds.filter((name) => name !== shelfOf(shell.build)).slice(0, -1);
  await Promise.all(former.map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || !shell.build) return;
  if (pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (request.mode === "navigate" && isPage(pathname)) event.respondWith(page(event));
  else if (shell.files.includes(pathname))
    event.respondWith(fetch(request).catch(() => caches.match(request)));
});

/** Addresses of the application's pages; everything else is the server's alone. */
function isPage(pathname) {
  return !/^\/(api|ws|metrics|healthz|readyz)(\/|$)/.test(pathname) && !/\.[a-z0-9]+$/.test(pathname);
}

/** A file whose name says what is in it: from the device, else from the network. */
async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** The page as the server has it; as the device has it when the server is slow, broken or away. */
async function page(event) {
  const kept = caches.open(shelfOf(shell.build)).then((shelf) => shelf.match(start));
  const fresh = fetch(event.request).then((response) => {
    if (response.status >= 500) throw new Error(`status ${response.status}`);
    return response;
  });
  const late = new Promise((resolve) => setTimeout(resolve, patience)).then(() => kept);
  try {
    return (await Promise.race([fresh, late])) ?? (await fresh);
  } catch (error) {
    const own = await kept;
    if (own) return own;
    throw error;
  }
}

// ---- something waits to be sent ----------------------------------------------------------------------------------------------

self.addEventListener("sync", (event) => {
  if (event.tag === "lz-send") event.waitUntil(wake());
});

/** The network is back: an open page sends. The key and the token are the page's; without a page the person is asked to open one. */
async function wake() {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const open of pages) open.postMessage("send");
  if (pages.length > 0 || self.Notification?.permission !== "granted" || !(await somethingUnsent())) return;
  const { title, unsent } = await said();
  await self.registration.showNotification(title, {
    body: unsent,
    icon: "/icon.svg",
    tag: "lz-send",
    data: "/to-send",
  });
}

/** Whether acts lie on the device. What they are cannot be read here. */
function somethingUnsent() {
  return new Promise((resolve) => {
    const opening = indexedDB.open("lz-offline");
    opening.onerror = () => resolve(false);
    // There was none: it is not made here.
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onsuccess = () => {
      const db = opening.result;
      const counting = db.transaction("acts").objectStore("acts").count();
      counting.onsuccess = () => resolve(counting.result > 0);
      counting.onerror = () => resolve(false);
      db.close();
    };
  });
}

// ---- push --------------------------------------------------------------------------------------------------------------------
// A push message has no content: what may be read on a locked screen names nobody. The words are those that the page left here in
// the language of the account.

const shelf = "lz-push";
const words = "/push-words";
const unknown = {
  title: "联诊",
  body: "有新的消息，请打开查看",
  unsent: "网络恢复了，有内容还没有发送，请打开",
  url: "/",
};

async function said() {
  try {
    const kept = await (await caches.open(shelf)).match(words);
    return kept ? { ...unknown, ...(await kept.json()) } : unknown;
  } catch {
    return unknown;
  }
}

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
      return self.clients.openWindow(event.notification.data ?? url);
    })(),
  );
});
