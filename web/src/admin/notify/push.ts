/** What stands in the way of notifications of this browser, or how they stand. */
export type PushState =
  | "unsupported" // no service worker or no push here: an old browser, or a page without https
  | "denied" // the person has refused, and only the browser's settings help
  | "off"
  | "on";

const shelf = "lz-push";
const words = "/push-words";

export function pushSupported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in globalThis && typeof Notification !== "undefined";
}

/** The subscription of this browser, if there is one. */
async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return registration ? registration.pushManager.getSubscription() : null;
}

export async function pushState(): Promise<{ state: PushState; endpoint?: string }> {
  if (!pushSupported()) return { state: "unsupported" };
  if (Notification.permission === "denied") return { state: "denied" };
  const own = await subscription();
  return own ? { state: "on", endpoint: own.endpoint } : { state: "off" };
}

/**
 * Asks the person and subscribes this browser; must come from a press. Returns the endpoint, or undefined when the person
 * refused.
 *
 * @param key the server's public key, base64url without padding
 * @throws when the browser's push service cannot be reached
 */
export async function subscribe(key: string): Promise<string | undefined> {
  if ((await Notification.requestPermission()) !== "granted") return undefined;
  await navigator.serviceWorker.register("/sw.js");
  const registration = await navigator.serviceWorker.ready;
  const known = await registration.pushManager.getSubscription();
  const wanted = bytesOf(key);
  if (known && sameKey(known, wanted)) return known.endpoint;
  // Made with another server key: nothing sent to it would arrive.
  await known?.unsubscribe();
  const own = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: wanted,
  });
  return own.endpoint;
}

export async function unsubscribe(): Promise<void> {
  await (await subscription())?.unsubscribe();
}

function sameKey(of: PushSubscription, wanted: Uint8Array): boolean {
  const key = of.options.applicationServerKey;
  if (!key) return false;
  const known = new Uint8Array(key);
  return known.length === wanted.length && known.every((byte, i) => byte === wanted[i]);
}

/** The bytes of base64url without padding. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0));
}

/** Leaves the words of an empty push message for the service worker, in the language that the page speaks now. */
export async function leaveWords(said: { title: string; body: string; url: string }): Promise<void> {
  if (!("caches" in globalThis)) return;
  try {
    const cache = await caches.open(shelf);
    await cache.put(
      words,
      new Response(JSON.stringify(said), { headers: { "Content-Type": "application/json" } }),
    );
  } catch {
    // Private windows keep nothing: the worker then says it in Chinese.
  }
}

/** What the person knows this device by, until a better name is given. */
export function deviceName(agent = navigator.userAgent): string {
  const browser = /Edg\//.test(agent)
    ? "Edge"
    : /Firefox\//.test(agent)
      ? "Firefox"
      : /Chrome\//.test(agent)
        ? "Chrome"
        : /Safari\//.test(agent)
          ? "Safari"
          : "";
  const system = /Android/.test(agent)
    ? "Android"
    : /iPhone|iPad/.test(agent)
      ? "iOS"
      : /Windows/.test(agent)
        ? "Windows"
        : /Mac OS/.test(agent)
          ? "macOS"
          : /Linux/.test(agent)
            ? "Linux"
            : "";
  return [browser, system].filter(Boolean).join(" · ") || "Browser";
}
