import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { Schemas } from "./support/Client";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";
import { word } from "./support/words";
import { readSheet } from "./support/xlsx";

/** A day of the month that lies so many months before this one in Shanghai. */
function monthBefore(months: number): string {
  const now = new Date(Date.now() + 8 * 3_600_000);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString().slice(0, 10);
}

/** Exports a sheet of what was locked, and reads its rows from the file that the browser got. */
async function exported(page: Page, sheet: string, from: string) {
  const exports = page.getByRole("region", { name: "导出" });
  await exports.getByRole("combobox", { name: "表" }).fill(`${sheet} `);
  await page
    .locator(".ant-select-item-option")
    .filter({ hasText: new RegExp(`^${sheet} `) })
    .click();
  await exports.getByRole("combobox", { name: "取自" }).click();
  await page.locator(".ant-select-item-option").filter({ hasText: from }).click();
  await exports.getByRole("button", { name: word("导出") }).click();
  const link = exports
    .getByRole("row")
    .filter({ hasText: `${sheet} · xlsx` })
    .filter({ hasText: from })
    .getByRole("button", { name: /\.xlsx$/ });
  await expect(link).toBeVisible({ timeout: patience });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const file = await readFile(await download.path());
  const [headings = [], ...rows] = readSheet(file, 2);
  return {
    name: download.suggestedFilename(),
    cover: readSheet(file, 1).flat(),
    rows: rows.map((row) => Object.fromEntries(headings.map((heading, i) => [String(heading), row[i]]))),
  };
}

// An institution closes the month before this one: drafted, locked, signed off, exported, filed; and it is still what was locked.
test("a period is closed, exported, filed and proved", async ({ as, open }, { retry }) => {
  const admin = as("admin.sun");
  const day = monthBefore(1 + retry);
  const label = day.slice(0, 7);
  const { page } = await open("admin.sun", { path: `/goals/returns?kind=M&day=${day}` });

  await page.getByRole("button", { name: word("起草这一期") }).click();
  const item = page.getByRole("listitem").filter({ hasText: label }).first();
  await item.getByRole("button", { name: word("锁定") }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: word("锁定") })
    .click();
  await item.getByRole("button", { name: word("签发") }).click();
  await expect(item.getByRole("textbox", { name: "回执编号" })).toBeVisible();

  const list = await admin.get<Schemas["GoalSnapshot"][]>("/api/v1/goals/snapshots");
  const locked = list.find((s) => s.first === day);
  expect(locked).toMatchObject({ state: "SIGNED", version: 1 });

  // Figures are numbers, codes are text; the file says by its digest from what it was written.
  const figures = await exported(page, "E8", label);
  expect(figures.name).toContain(`指标统计表_阳光颐养院_${label}_第1版`);
  expect(figures.cover).toContain(locked?.digest);
  expect(figures.rows.map((row) => row["指标代码"])).toEqual(locked?.figures.map((f) => f.code));
  for (const { code, numerator, denominator } of locked?.figures ?? []) {
    const row = figures.rows.find((one) => one["指标代码"] === code);
    expect(row?.["分子"], code).toBe(numerator);
    expect(row?.["分母"], code).toBe(denominator);
  }
  const ledger = await exported(page, "E3", label);
  const { rows } = await admin.get<Schemas["GoalRowPage"]>(
    `/api/v1/goals/rows?kind=M&day=${day}&mark=SUBMITTED`,
  );
  expect(ledger.rows.map((row) => row["流水号"]).toSorted()).toEqual(
    rows.map((row) => row.serial).toSorted(),
  );
  expect(ledger.rows).toHaveLength(locked?.rowCount ?? -1);

  await item.getByRole("textbox", { name: "回执编号" }).fill(`HZ-${label}`);
  await item.getByRole("button", { name: word("登记回执") }).click();
  await expect(item.getByText(`回执 HZ-${label}`)).toBeVisible();

  await item.getByRole("button", { name: word("重新校验") }).click();
  await expect(item.getByRole("alert").filter({ hasText: "校验通过" })).toContainText("锁定之后没有变化");
  // Whoever looks from above gets the same proof, and nothing to press.
  const above = await open("county.bai", { path: `/goals/returns?org=${locked?.organisationId}` });
  const same = above.page.getByRole("listitem").filter({ hasText: `回执 HZ-${label}` });
  await same.getByRole("button", { name: word("重新校验") }).click();
  await expect(same.getByRole("alert").filter({ hasText: "校验通过" })).toBeVisible();
  await expect(above.page.getByRole("button", { name: word("更正这一期") })).toHaveCount(0);
});
