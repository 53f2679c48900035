import type { Page } from "@playwright/test";
import type { Schemas } from "./support/Client";
import { demoPassword, patience } from "./support/settings";
import { expect, test } from "./support/test";
import { bookedVisit } from "./support/visits";
import { word } from "./support/words";

test("a day without network: visited, written, signed for; sent afterwards, with a conflict that the doctor decides", async ({
  as,
  open,
}) => {
  const [nurseApi, doctorApi] = [as("nurse.li"), as("dr.su")];
  const visit = await bookedVisit(nurseApi, doctorApi, ["王德顺", "赵福贵", "郭美玲"]);
  const read = () => doctorApi.get<Schemas["Visit"]>(`/api/v1/visits/${visit.id}`);
  const { page, context } = await open("dr.su", { path: "/day-sheet", worker: true });

  await test.step("the sheet and the program are on the device", async () => {
    await expect(page.getByText(/离线资料 .+ 已备好/)).toBeVisible({ timeout: patience });
    await expect.poll(() => page.evaluate(programIsKept), { timeout: patience }).toBe(true);
  });

  await test.step("airplane mode: the doctor sets out and arrives", async () => {
    await context.setOffline(true);
    await page.reload();
    await expect(page.getByText(visit.residentName).first()).toBeVisible({ timeout: patience });
    await page.goto(`/visits/${visit.id}`);
    await page.getByRole("button", { name: word("我出发了") }).click();
    await page.getByRole("button", { name: word("我到了，签到") }).click();
    await expect(page.getByLabel("所见")).toBeVisible();
  });

  await test.step("meanwhile the same visit is begun on a second device", async () => {
    const { page: other } = await open("dr.su", { path: `/visits/${visit.id}` });
    await other.getByRole("button", { name: word("我到了，签到") }).click();
    await other.getByLabel("所见").fill("另一台设备写的所见");
    await other.getByLabel("做了什么").fill("核对利尿剂用法");
    await other.getByRole("button", { name: word("保存") }).click();
    await expect.poll(async () => (await read()).recordRevision, { timeout: patience }).toBe(1);
    await other.close();
  });

  await test.step("what is typed survives a reload without network", async () => {
    await page.getByLabel("所见").fill("双下肢轻度水肿");
    await page.getByLabel(/收缩压/).fill("152");
    await page.getByLabel(/舒张压/).fill("84");
    await expect.poll(() => page.evaluate(namesOnDevice)).toContain(`draft visit ${visit.id}`);
    await page.reload();
    await expect(page.getByLabel("所见")).toHaveValue("双下肢轻度水肿", { timeout: patience });
    await page.getByLabel("结局").click();
    await page.locator(".ant-select-item-option").first().click();
    await page.getByRole("button", { name: word("保存") }).click();
    await expect(page.getByText("已保存在本机，待发送")).toBeVisible();
  });

  await test.step("photo, signature, leaving", async () => {
    await page.getByRole("button", { name: word("拍照") }).click();
    const camera = page.getByRole("dialog", { name: "拍照" });
    await camera.getByRole("button", { name: word("拍照") }).click();
    await camera.getByRole("button", { name: word("用这张") }).click();
    await expect(page.getByRole("img", { name: "照片" })).toBeVisible();
    await page.getByRole("button", { name: word("签字") }).click();
    const dialog = page.getByRole("dialog", { name: "老人或家属签字" });
    await sign(page, dialog);
    await dialog.getByRole("button", { name: word("签字") }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole("button", { name: word("我离开，签退") }).click();
    await expect(page.getByRole("status").filter({ hasText: "6 项待同步" })).toBeVisible();
    expect((await read()).photos, "nothing has left the device").toEqual([]);
  });

  await test.step("back online: what the other device did first is kept, the rest goes", async () => {
    await context.setOffline(false);
    await page.getByRole("link", { name: /项有冲突/ }).click({ timeout: patience });
    // Setting out and arriving are there already, by the other device.
    for (const what of ["出发", "到达签到"]) {
      const row = page.getByRole("listitem").filter({ hasText: what }).filter({ hasText: "有冲突" });
      await row.getByRole("button", { name: "用服务器上的，放弃我的" }).click({ timeout: patience });
      await page
        .getByRole("dialog")
        .getByRole("button", { name: word("放弃") })
        .click();
    }
    await expect.poll(async () => (await read()).state, { timeout: patience }).toBe("LEFT");
  });

  await test.step("two records: the doctor decides part by part", async () => {
    await page.getByRole("button", { name: "对照两份，逐项选择" }).click({ timeout: patience });
    const dialog = page.getByRole("dialog", { name: `${visit.residentName}的上门记录有两份` });
    await dialog.getByRole("radiogroup", { name: "所见" }).getByText("双下肢轻度水肿").click();
    await dialog.getByRole("button", { name: "按选择保存" }).click();
    await expect(page.getByText("都已发送到服务器。")).toBeVisible({ timeout: patience });
    const sent = await read();
    expect(sent.record).toMatchObject({ findings: "双下肢轻度水肿", done: "核对利尿剂用法" });
    expect(sent.record?.vitals?.find((v) => v.code === "SBP")?.value).toBe(152);
    expect(sent.photos.map((photo) => photo.kind)).toEqual(["PHOTO", "SIGNATURE"]);
    expect(sent.signedFor).toBe("RESIDENT");
    expect(Date.parse(sent.leftAt ?? "")).toBeLessThan(Date.parse(sent.leftHeardAt ?? ""));
  });

  await test.step("signed, it is in the log and counts", async () => {
    await page.goto(`/visits/${visit.id}`);
    await page.getByRole("button", { name: word("签署记录") }).click();
    const dialog = page.getByRole("dialog", { name: "签署上门记录" });
    await dialog.getByLabel("登录密码").fill(demoPassword);
    await dialog.getByRole("button", { name: word("签署记录") }).click();
    await expect.poll(async () => (await read()).state, { timeout: patience }).toBe("DONE");
    const { consultationId } = await read();
    const counted = await as("admin.sun").get<Schemas["CountabilityView"]>(
      `/api/v1/consultations/${consultationId}/countability`,
    );
    expect(counted.answer?.failed, "what it fails of the rules").toEqual([]);
    expect(counted.answer?.countable).toBe(true);
  });
});

/** Draws across the field to sign in. */
async function sign(page: Page, dialog: ReturnType<Page["getByRole"]>): Promise<void> {
  await dialog.locator("canvas").hover(); // it stands still by then
  const box = await dialog.locator("canvas").boundingBox();
  if (!box) throw new Error("no field to sign in");
  const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
  await page.mouse.move(...at(0.1, 0.7));
  await page.mouse.down();
  for (let i = 1; i <= 20; i++) await page.mouse.move(...at(0.1 + i * 0.035, i % 2 ? 0.25 : 0.75));
  await page.mouse.up();
}

/** Whether the program lies whole on the device. Runs in the page. */
async function programIsKept(): Promise<boolean> {
  const name = (await caches.keys()).find((one) => one.startsWith("lz-shell-"));
  const shelf = name ? await caches.open(name) : undefined;
  return navigator.serviceWorker.controller !== null && (await shelf?.match("/index.html")) !== undefined;
}

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
