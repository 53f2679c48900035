import type { Page } from "@playwright/test";
import type { Client, Schemas } from "./support/Client";
import { draw, namesOnDevice, readyWithoutNetwork } from "./support/device";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";
import { bookedVisit } from "./support/visits";
import { word } from "./support/words";

/** Fills the record of a visit in and saves it. */
async function write(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
  await page.getByLabel("结局").click();
  await page.locator(".ant-select-item-option").first().click();
  await page.getByRole("button", { name: word("保存") }).click();
  await expect(page.getByText("已保存在本机，待发送")).toBeVisible();
}

const aDay = 86_400_000;

/** A free time of the doctor at home in the weeks to come, as it is booked. */
async function freeAtHome(doctor: Client, visit: Schemas["Visit"]): Promise<Schemas["AppointmentInput"]> {
  const kinds = await doctor.get<Schemas["AppointmentKind"][]>("/api/v1/appointment-kinds");
  const kind = kinds.find((k) => k.name === "上门随访");
  const [from, to] = [3, 30].map((days) => new Date(Date.now() + days * aDay).toISOString());
  const { slots } = await doctor.get<Schemas["SlotPage"]>(
    `/api/v1/slots?kindId=${kind?.id}&practitionerId=${visit.leadId}&residentId=${visit.residentId}&from=${from}&to=${to}`,
  );
  const slot = slots[0];
  if (!kind || !slot) throw new Error("the doctor has no time at home for a month");
  return {
    kindId: kind.id,
    practitionerId: slot.practitionerId,
    residentId: visit.residentId,
    startsAt: slot.startsAt,
  };
}

function appointmentsOf(doctor: Client, visit: Schemas["Visit"]): Promise<Schemas["Appointment"][]> {
  const [from, to] = [0, 60].map((days) => new Date(Date.now() + days * aDay).toISOString());
  return doctor.get(`/api/v1/appointments?residentId=${visit.residentId}&from=${from}&to=${to}`);
}

/** An instant as it is typed into a picker, in Shanghai's time. */
function shown(at: string): string {
  return new Date(Date.parse(at) + aDay / 3).toISOString().slice(0, 16).replace("T", " ");
}

// One doctor on the road with two devices, both without network, and a desk that goes on meanwhile: who is heard first is kept, the
// doctor decides on the rest, and nothing that was typed is lost.
test("two devices without network, and a desk: what is heard second is decided on screen", async ({
  as,
  open,
}) => {
  test.setTimeout(180_000);
  const [nurseApi, doctorApi] = [as("nurse.li"), as("dr.su")];
  const visit = await bookedVisit(nurseApi, doctorApi, ["王德顺", "赵福贵", "郭美玲"]);
  const other = await bookedVisit(nurseApi, doctorApi, ["乌兰其其格", "张桂兰"]);
  const read = (id = visit.id) => doctorApi.get<Schemas["Visit"]>(`/api/v1/visits/${id}`);
  const asked = await freeAtHome(doctorApi, visit);
  const known = new Set((await appointmentsOf(doctorApi, visit)).map((a) => a.id));
  const tablet = await open("dr.su", { path: "/day-sheet", worker: true });
  const telephone = await open("dr.su", { path: "/day-sheet", worker: true });
  const devices = [tablet, telephone];
  for (const { page } of devices) await readyWithoutNetwork(page);
  await (await tablet.context.newPage()).goto("/day-sheet"); // a second tab, which sends as well
  await tablet.page.bringToFront();
  for (const { context } of devices) await context.setOffline(true);
  const { page } = tablet;
  await test.step("on both the doctor sets out and arrives; on the first, for the other visit as well", async () => {
    await page.goto(`/visits/${other.id}`);
    await page.getByRole("button", { name: word("我出发了") }).click();
    await expect(page.getByRole("status").filter({ hasText: "1 项待同步" })).toBeVisible();
    for (const device of devices) {
      await device.page.goto(`/visits/${visit.id}`);
      await device.page.getByRole("button", { name: word("我出发了") }).click();
      await device.page.getByRole("button", { name: word("我到了，签到") }).click();
      await expect(device.page.getByLabel("所见")).toBeVisible();
    }
  });

  await test.step("what is typed survives a reload without network", async () => {
    await page.getByLabel("所见").fill("双下肢轻度水肿");
    await expect.poll(() => page.evaluate(namesOnDevice)).toContain(`draft visit ${visit.id}`);
    await page.reload();
    await expect(page.getByLabel("所见")).toHaveValue("双下肢轻度水肿", { timeout: patience });
  });

  await test.step("both write a record; photo, signature and leaving are on the first", async () => {
    await write(telephone.page, { 所见: "另一台设备写的所见", 做了什么: "核对利尿剂用法" });
    await write(page, { 收缩压: "152", 舒张压: "84" });
    await page.getByRole("button", { name: word("拍照") }).click();
    const camera = page.getByRole("dialog", { name: "拍照" });
    await camera.getByRole("button", { name: word("拍照") }).click();
    await camera.getByRole("button", { name: word("用这张") }).click();
    await expect(page.getByRole("img", { name: "照片", exact: true })).toBeVisible();
    await page.getByRole("button", { name: word("签字") }).click();
    const dialog = page.getByRole("dialog", { name: "老人或家属签字" });
    await draw(page, dialog.locator("canvas"));
    await dialog.getByRole("button", { name: word("签字") }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole("button", { name: word("我离开，签退") }).click();
    await expect(page.getByRole("status").filter({ hasText: "7 项待同步" })).toBeVisible();
  });

  await test.step("the next time is only asked for: without network nothing scarce is promised", async () => {
    await page.getByRole("button", { name: "申请下次预约" }).click();
    const dialog = page.getByRole("dialog", { name: "申请预约" });
    await dialog.getByLabel("希望的时间").fill(shown(asked.startsAt));
    await page.getByRole("button", { name: word("确定") }).click();
    await dialog.getByRole("button", { name: "提交申请" }).click();
    await expect(page.getByText(/^已申请，尚未约上：上门随访/)).toBeVisible();
  });

  const cancel = async (id: string) => {
    const { revision } = await doctorApi.get<Schemas["Appointment"]>(`/api/v1/appointments/${id}`);
    await doctorApi.post(`/api/v1/appointments/${id}/cancel`, { revision, reason: "BY_MISTAKE" });
  };
  let faster = "";

  await test.step("meanwhile the house calls the other visit off, and somebody else gets that time", async () => {
    const { id } = await doctorApi.post<Schemas["Appointment"]>("/api/v1/appointments", {
      ...asked,
      residentId: other.residentId,
    } satisfies Schemas["AppointmentInput"]);
    faster = id;
    await nurseApi.post(`/api/v1/visits/${other.id}/step`, {
      action: "CANCEL",
      code: "IN_HOSPITAL",
      words: "上午已住院",
    } satisfies Schemas["VisitStep"]);
  });

  await test.step("the second device is heard first: all of it is taken", async () => {
    await telephone.context.setOffline(false);
    await expect.poll(async () => (await read()).recordRevision, { timeout: patience }).toBe(1);
    expect((await read()).state).toBe("ARRIVED");
    await telephone.context.close();
  });

  const row = (what: string, said: string) =>
    page.getByRole("listitem").filter({ hasText: what }).filter({ hasText: said });

  await test.step("then the first: its steps are repetitions, the desk's is a conflict, the rest goes", async () => {
    const sent: string[] = [];
    tablet.context.on("request", (request) => {
      if (request.url().endsWith("/step")) sent.push(request.headers()["idempotency-key"] ?? "");
    });
    await tablet.context.setOffline(false);
    await page.getByRole("link", { name: /项有冲突/ }).click({ timeout: patience });
    for (const step of ["出发", "到达签到"])
      await row(step, "重复").getByRole("button", { name: "知道了" }).click({ timeout: patience });
    const called = row("出发", "有冲突");
    await expect(called).toContainText("李护士");
    await called.getByRole("button", { name: "用服务器上的，放弃我的" }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: word("放弃") })
      .click();
    await expect.poll(async () => (await read()).state, { timeout: patience }).toBe("LEFT");
    expect((await read(other.id)).state).toBe("CANCELLED");
    expect(sent.length, "each step was sent by one tab, once").toBe(4);
    expect(new Set(sent).size).toBe(4);
  });

  await test.step("the time that was asked for is gone: others are offered, and one is taken", async () => {
    const booking = page.getByRole("listitem").filter({ hasText: "申请预约：上门随访" });
    await booking
      .getByRole("button", { name: /^改约 / })
      .first()
      .click({ timeout: patience });
    await expect(booking).toBeHidden({ timeout: patience });
    const taken = (await appointmentsOf(doctorApi, visit)).filter((a) => !known.has(a.id));
    expect(taken.map((a) => [a.status, a.kindId])).toEqual([["BOOKED", asked.kindId]]);
    for (const id of [faster, ...taken.map((a) => a.id)]) await cancel(id);
  });

  await test.step("two records: the doctor decides part by part, and has both", async () => {
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
  });
});
