import { patience } from "./support/settings";
import { expect, test } from "./support/test";
import { bookedVisit } from "./support/visits";
import { word } from "./support/words";

test("a day without network: visited, written, signed for; sent afterwards, with a conflict that the doctor decides", async ({
  as,
  open,
}) => {
  const [nurseApi, doctorApi] = [as("nurse.li"), as("dr.su")];
  const visit = await bookedVisit(nurseApi, doctorApi, "王德顺");
  const { page, context } = await open("dr.su", { path: "/day-sheet" });

  await test.step("the sheet is on the device", async () => {
    await expect(page.getByText(/离线资料 .+ 已备好/)).toBeVisible({ timeout: patience });
    await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
    await expect
      .poll(() =>
        page.evaluate(async () => (await caches.keys()).some((name) => name.startsWith("lz-shell-"))),
      )
      .toBe(true);
  });

  await test.step("airplane mode: sets out, arrives, measures, writes", async () => {
    await context.setOffline(true);
    await page.reload();
    await expect(page.getByText("王德顺").first()).toBeVisible({ timeout: patience });
    await page.goto(`/visits/${visit.id}`);
    await page.getByRole("button", { name: word("我出发了") }).click();
    await page.getByRole("button", { name: word("我到了，签到") }).click();
    await page.getByLabel("所见").fill("双下肢轻度水肿");
    await page.getByLabel(/收缩压/).fill("152");
    await page.getByLabel(/舒张压/).fill("84");
    await page.getByLabel("做了什么").fill("指导限盐，核对利尿剂用法");
  });

  await test.step("what was typed and not saved survives a reload without network", async () => {
    await expect.poll(() => page.evaluate(namesOnDevice)).toContain(`draft visit ${visit.id}`);
    await page.reload();
    await expect(page.getByLabel("所见")).toHaveValue("双下肢轻度水肿", { timeout: patience });
    await page.getByLabel("结局").click();
    await page.locator(".ant-select-item-option").first().click();
    await page.getByRole("button", { name: word("保存") }).click();
    await expect(page.getByText("已保存在本机，待发送")).toBeVisible();
  });
});

/** Under which names something lies on the device. Runs in the page. */
async function namesOnDevice(): Promise<string[]> {
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
