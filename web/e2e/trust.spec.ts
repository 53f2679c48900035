import type { Schemas } from "./support/Client";
import { expect, test } from "./support/test";

// A doctor without a relationship opens a record in an emergency; the home's administrator sees it, and reviews it.
test("an emergency access is seen and reviewed", async ({ as, open }) => {
  const log = await as("admin.sun").get<Schemas["LogPage"]>("/api/v1/consultations?state=ARCHIVED");
  const serial = log.rows[0]?.serial ?? "";
  const why = `急诊送来昏迷，需要过敏史 ${Date.now()}`;

  const doctor = await open("dr.bao", { path: "/emergency-access" });
  await doctor.page.getByText("会诊流水号").first().click();
  await doctor.page.locator("#emergency-who").fill(serial);
  await doctor.page.locator("#emergency-why").fill(why);
  await doctor.page.getByRole("button", { name: "打开记录" }).click();
  await expect(doctor.page.getByRole("heading", { name: "过敏史" })).toBeVisible();
  await doctor.page.getByRole("link", { name: serial }).click();
  await expect(doctor.page.getByText(serial).first()).toBeVisible();

  const admin = await open("admin.sun", { path: "/accesses?emergency=1" });
  await expect(admin.page.getByText(why)).toBeVisible();
  await admin.page.goto("/accesses?tab=emergency");
  const row = admin.page.getByRole("row").filter({ hasText: why });
  await row.getByRole("button", { name: "认定不正当" }).click();
  await admin.page.locator("#review-note").fill("没有急诊登记");
  await admin.page
    .getByRole("dialog")
    .getByRole("button", { name: /确\s*定/ })
    .click();
  await expect(row.getByText("没有急诊登记")).toBeVisible();

  // One masked value, for a reason.
  await admin.page.goto("/accesses?tab=residents");
  await admin.page.getByRole("button", { name: "查看脱敏信息" }).first().click();
  await admin.page.locator("#data-reason").fill("家属来电核对身份");
  await admin.page
    .getByRole("dialog")
    .getByRole("button", { name: /查\s*看/ })
    .last()
    .click();
  await expect(admin.page.getByRole("status").locator("strong")).not.toContainText("*");
});
