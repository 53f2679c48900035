import type { Locator, Page } from "@playwright/test";
import { expect } from "@playwright/test";
import { patience } from "./settings";

/** Waits until the day's sheets and the program lie on the device, so that the network may go. */
export async function readyWithoutNetwork(page: Page): Promise<void> {
  await expect(page.getByText(/离线资料 .+ 已备好/)).toBeVisible({ timeout: patience });
  await expect.poll(() => page.evaluate(programIsKept), { timeout: patience }).toBe(true);
}

/** Whether the program lies whole on the device. Runs in the page. */
async function programIsKept(): Promise<boolean> {
  const name = (await caches.keys()).find((one) => one.startsWith("lz-shell-"));
  const shelf = name ? await caches.open(name) : undefined;
  return navigator.serviceWorker.controller !== null && (await shelf?.match("/index.html")) !== undefined;
}

/** Under which names something lies on the device. Runs in the page. */
export async function namesOnDevice(): Promise<string[]> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open("lz-offline");
    opening.addEventListener("success", () => resolve(opening.result));
    opening.addEventListener("error", () => reject(opening.error ?? new Error("no device store")));
  });
  const keys = await new Promise<IDBValidKey[]>((resolve) => {
    const reading = db.transaction("kept").objectStore("kept").getAllKeys();
    reading.addEventListener("success", () => resolve(reading.result));
  });
  db.close();
  return keys.map((key) => (key as [string, string])[1]);
}

/** Draws across a field to sign in. */
export async function draw(page: Page, field: Locator): Promise<void> {
  await field.scrollIntoViewIfNeeded();
  await field.hover(); // it stands still by then
  const box = await field.boundingBox();
  if (!box) throw new Error("no field to sign in");
  const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
  await page.mouse.move(...at(0.1, 0.7));
  await page.mouse.down();
  for (let i = 1; i <= 20; i++) await page.mouse.move(...at(0.1 + i * 0.035, i % 2 ? 0.25 : 0.75));
  await page.mouse.up();
}
