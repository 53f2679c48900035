import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe from "axe-core";
import { expect, type Page } from "@playwright/test";
import { resources } from "../../src/i18n/resources";
import { patience } from "./settings";

/** The smallest desk, a tablet lying, a tablet standing. */
export const sizes = [
  { width: 1280, height: 800 },
  { width: 1024, height: 768 },
  { width: 800, height: 1280 },
] as const;
/** Who works at a tablet; the pages of a desk are looked at in its size and in the narrowest. */
const atATablet = /^(nurse|attending|application|login|family-(visit|day))/;
const ofADesk = sizes.filter((size) => size.width !== 1024);
/** Where the English, which is longer, would stick out first; its layout is that of the Chinese, seen in all sizes. */
const narrowest = sizes.slice(-1);

const folder = "test-results/screens";
const published = "../docs/screenshots";
/** Pictures are for people: without this only of a page that does not fit. */
const pictures = process.env.UPDATE_SCREENSHOTS === "1";

/** Accounts look like message keys and are none. */
const account = /\b(nurse|dr|admin|county|complaints|league|region|qc|rx|audit)\.[a-z]+\b/g;
/** A message key stands where its words are missing; the name of a file is none. */
const key = /(?<![\w@/.])[a-z][A-Za-z]+(?:\.(?!csv\b)[a-z][A-Za-z]*)+(?![\w/])|\{\{|\}\}/;

/**
 * Goes to another page as a link of this one does: the application stays loaded, which costs a third of what opening the address does.
 * How a page opens from its address is seen where somebody begins there.
 */
export async function turnTo(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    // A page of another path has a heading of its own; another tab of the same page keeps the one it has.
    if (new URL(to, location.href).pathname !== location.pathname)
      document.querySelector("h1")?.setAttribute("data-left", "");
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
  await expect(page.locator("h1[data-left]"), `${path} takes the place of the page before`).toHaveCount(0, {
    timeout: patience,
  });
}

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

/** Every Chinese sentence of the pages that has no places to fill. */
function sentences(node: unknown): string[] {
  if (typeof node === "string") return node.includes("{{") ? [] : [node];
  return Object.values(node as Record<string, unknown>).flatMap(sentences);
}
// A single character may as well be the surname on somebody's card.
const chinese = new Set(
  sentences(resources["zh-CN"]).filter((text) => text.length > 1 && /[\u4e00-\u9fff]/.test(text)),
);
// A demo account has this name.
chinese.delete("系统管理员");

/** Words of the page that stand in Chinese on an English page; names and other data may, and what says that it is Chinese. */
async function untranslated(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode())
      if (!walk.currentNode.parentElement?.closest("[lang^=zh]"))
        found.push(walk.currentNode.textContent?.trim() ?? "");
    for (const element of document.querySelectorAll("[aria-label], [placeholder], [title]"))
      for (const name of ["aria-label", "placeholder", "title"])
        found.push(element.getAttribute(name)?.trim() ?? "");
    return found;
  });
  return [...new Set(texts)].filter((text) => chinese.has(text));
}

interface Finding {
  rule: string;
  target: string;
  summary: string;
}

/** What axe finds against WCAG 2 A and AA. */
async function accessibility(page: Page): Promise<Finding[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(
      // Ant Design's own: the hidden row by which a table measures its columns.
      { exclude: [[".ant-table-measure-row"]] },
      {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
        rules: {
          // Experimental; a card is named by what a tap on it does.
          "label-content-name-mismatch": { enabled: false },
          // Chromium lets the keyboard scroll whatever scrolls.
          "scrollable-region-focusable": { enabled: false },
        },
      },
    ),
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
 * Looks at the page in the sizes in which it is used, in English in the narrowest: it fits without scrolling sideways, has no message
 * key in place of a word, and axe has nothing against it. With UPDATE_SCREENSHOTS it leaves a picture of each size, and with `publish`
 * the one that the README shows.
 */
export async function inspect(
  page: Page,
  name: string,
  language: "zh-CN" | "en",
  { publish = false }: { publish?: boolean } = {},
): Promise<void> {
  const short = language === "en" ? "en" : "zh";
  await mkdir(folder, { recursive: true });
  for (const size of language === "en" ? narrowest : atATablet.test(name) ? sizes : ofADesk) {
    await page.setViewportSize(size);
    await settled(page);
    const wide = await overflow(page);
    expect.soft(wide, `${name} ${short} ${size.width}: scrolls sideways`).toEqual([]);
    if (pictures || wide.length > 0)
      await page.screenshot({ path: join(folder, `${name}.${short}.${size.width}.png`) });
  }
  await page.setViewportSize(sizes[0]);
  const text = (await page.locator("body").innerText()).replaceAll(account, "");
  expect.soft(key.exec(text)?.[0], `${name} ${short}: a message key`).toBeUndefined();
  if (language === "en") {
    expect.soft(await untranslated(page), `${name} ${short}: Chinese words`).toEqual([]);
    return;
  }
  // The same elements in both languages: once is enough.
  expect.soft(await accessibility(page), `${name} ${short}: accessibility`).toEqual([]);
  if (publish && pictures) {
    await mkdir(published, { recursive: true });
    await page.screenshot({ path: join(published, `${name}.zh.png`) });
  }
}
