import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import { expect, type Page } from "@playwright/test";
import { patience } from "./settings";

/** The smallest desk, a tablet lying, a tablet standing. */
export const sizes = [
  { width: 1280, height: 800 },
  { width: 1024, height: 768 },
  { width: 800, height: 1280 },
] as const;

const folder = "test-results/screens";
const published = "../docs/screenshots";

/** Accounts look like message keys and are none. */
const account = /\b(nurse|dr|admin|county)\.[a-z]+\b/g;
const key = /(?<![\w@/.])[a-z][A-Za-z]+(?:\.[a-z][A-Za-z]*)+(?![\w/])|\{\{|\}\}/;

async function settled(page: Page): Promise<void> {
  await expect(page.locator("h1").or(page.locator("[data-phase=connected]")).first()).toBeVisible({
    timeout: patience,
  });
  await expect(page.locator(".ant-skeleton-active, .ant-spin-spinning")).toHaveCount(0, {
    timeout: patience,
  });
}

/** What sticks out of the page to the side, in words; nothing when the page fits. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 40)}`);
  });
}

interface Finding {
  rule: string;
  target: string;
  summary: string;
}

/** What axe finds against WCAG 2 A and AA. */
async function accessibility(page: Page): Promise<Finding[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => ({
      rule: id,
      target: target.join(" "),
      summary: failureSummary?.split("\n").slice(1, 3).join(" ").trim() ?? "",
    })),
  );
}

/**
 * Looks at the page in all sizes: it fits without scrolling sideways, has no message key in place of a word, and axe has
 * nothing against it. Leaves a picture of each size, and with `publish` the one that the README shows.
 */
export async function inspect(
  page: Page,
  name: string,
  language: "zh-CN" | "en",
  { publish = false }: { publish?: boolean } = {},
): Promise<void> {
  const short = language === "en" ? "en" : "zh";
  await mkdir(folder, { recursive: true });
  for (const size of sizes) {
    await page.setViewportSize(size);
    await settled(page);
    expect.soft(await overflow(page), `${name} ${short} ${size.width}: scrolls sideways`).toEqual([]);
    await page.screenshot({ path: join(folder, `${name}.${short}.${size.width}.png`) });
  }
  await page.setViewportSize(sizes[0]);
  const text = (await page.locator("body").innerText()).replaceAll(account, "");
  expect.soft(key.exec(text)?.[0], `${name} ${short}: a message key`).toBeUndefined();
  expect.soft(await accessibility(page), `${name} ${short}: accessibility`).toEqual([]);
  if (publish && process.env.UPDATE_SCREENSHOTS === "1" && language === "zh-CN") {
    await mkdir(published, { recursive: true });
    await page.screenshot({ path: join(published, `${name}.zh.png`) });
  }
}
