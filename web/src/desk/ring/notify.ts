/** Whether notifications on the desktop exist and what the person has said to them. */
export function notifyPermission(): NotificationPermission | "unsupported" {
  return typeof Notification === "undefined" ? "unsupported" : Notification.permission;
}

/** Asks for notifications, once; must come from a press. A refusal is respected. */
export async function askToNotify(): Promise<NotificationPermission | "unsupported"> {
  const known = notifyPermission();
  if (known !== "default") return known;
  try {
    return await Notification.requestPermission();
  } catch {
    return "default";
  }
}

/** Shows a notification until it is closed; undefined where that is not allowed. One for each tag. */
export function notify(tag: string, title: string, body: string): Notification | undefined {
  if (notifyPermission() !== "granted") return undefined;
  try {
    return new Notification(title, { body, tag, requireInteraction: true });
  } catch {
    // Some tablets only allow notifications of service workers.
    return undefined;
  }
}
