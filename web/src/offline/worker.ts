/**
 * Registers the service worker, which keeps the program for pages without network. `send` is called when the browser woke it
 * because the network is back.
 */
export function registerWorker(send: () => void): void {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data === "send") send();
  });
  navigator.serviceWorker.register("/sw.js").catch(() => undefined); // it opens with network all the same
}
