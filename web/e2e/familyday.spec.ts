import { randomInt } from "node:crypto";
import type { Client, Schemas } from "./support/Client";
import { expectMedia } from "./support/call";
import { claim, newRequest } from "./support/consultations";
import { dayOf } from "./support/days";
import { draw, namesOnDevice, readyWithoutNetwork } from "./support/device";
import { openGateway } from "./support/gateway";
import { newResident } from "./support/residents";
import { demoPassword, patience } from "./support/settings";
import { expect, test } from "./support/test";
import { word } from "./support/words";

const minute = 60_000;
const sameDay = "当日上门";

/** What the health centre offers at home on the same day, and reminders at any hour, so that the story may be told at any time of day. */
async function sameDayVisits(desk: Client): Promise<{ kindId: string; organisationId: string }> {
  const kinds = await desk.get<Schemas["AppointmentKind"][]>("/api/v1/appointment-kinds");
  const kind =
    kinds.find((k) => k.name === sameDay) ??
    (await desk.post<Schemas["AppointmentKind"]>("/api/v1/appointment-kinds", {
      name: sameDay,
      place: "HOME",
      serviceType: "HOME_VISIT",
      minutes: 20,
      stepMinutes: 5,
      noticeMinutes: 0,
      horizonDays: 2,
      bookedBy: ["CONSULTANT", "FAMILY_DOCTOR", "NURSE"],
    } satisfies Schemas["AppointmentKindInput"]));
  const all = await desk.get<Schemas["ReminderSettings"][]>("/api/v1/reminder-settings");
  const set = all.find((one) => one.organisationId === kind.organisationId);
  if (!set) throw new Error("the health centre reminds nobody");
  await desk.put("/api/v1/reminder-settings", {
    organisationId: kind.organisationId,
    revision: set.revision,
    rule: set.rule,
    kinds: [],
  } satisfies Schemas["ReminderSettingsInput"]);
  return { kindId: kind.id, organisationId: kind.organisationId };
}

/** Opens the doctor's hours at home from an instant, on the minute, and clears away what another try of this story has left there. */
async function openAtHome(doctor: Client, from: Date): Promise<void> {
  const days = `from=${new Date().toISOString()}&to=${new Date(Date.now() + 1440 * minute).toISOString()}`;
  const booked = await doctor.get<Schemas["Appointment"][]>(`/api/v1/appointments?${days}`);
  for (const a of booked.filter((one) => one.kindName === sameDay && one.status === "BOOKED"))
    await doctor.post(`/api/v1/appointments/${a.id}/cancel`, { revision: a.revision, reason: "BY_MISTAKE" });
  const { exceptions } = await doctor.get<Schemas["Availability"]>(`/api/v1/availability?${days}`);
  for (const one of exceptions) await doctor.delete(`/api/v1/availability/exceptions/${one.id}`);
  await doctor.post("/api/v1/availability/exceptions", {
    effect: "OPEN",
    reason: "EXTRA",
    startsAt: from.toISOString(),
    endsAt: new Date(from.getTime() + 60 * minute).toISOString(),
    places: ["HOME"],
  } satisfies Schemas["AvailabilityExceptionInput"]);
}

// One resident, from the contract to the row that counts: what family doctors do in a day, each step where a person would do it.
test("contract, plan due, booked in the wrap-up, reminded, on the road without network, and it counts", async ({
  as,
  open,
  browser,
}) => {
  test.setTimeout(240_000);
  const [nurseApi, wang, meng, desk] = [as("nurse.li"), as("dr.wang"), as("dr.meng"), as("admin.fang")];
  const { organisationId } = await sameDayVisits(desk);
  const gateway = await openGateway(desk, organisationId);
  const phone = `139${randomInt(10_000_000, 99_999_999)}`;
  const name = `顾${"安宁康泰和平德惠永福".charAt(randomInt(0, 10))}${"兰英芳珍玉秀华芝梅琴".charAt(randomInt(0, 10))}`;
  const { card: elder } = await newResident(nurseApi, { name, phone, conditionCodes: ["I10"] });
  const residentId = elder.id;
  await meng.put(`/api/v1/residents/${residentId}/home`, {
    revision: 0,
    address: "新城区海拉尔东街30号1单元201",
    alone: false,
    place: { lon: 111.72, lat: 40.84 },
  } satisfies Schemas["ResidentHomeInput"]);
  const doctor = await open("dr.meng", { worker: true });
  const { page } = doctor;

  await test.step("the contract is drawn up and signed on the tablet", async () => {
    await page.getByRole("button", { name: "管理" }).click();
    await page.getByRole("link", { name: "签约协议" }).click();
    await page.getByRole("button", { name: "新建协议" }).click();
    const form = page.getByRole("dialog");
    await form.getByLabel("选择居民").fill(name);
    await page.getByText(`阳光颐养院 ${elder.bed} ${name}`).click();
    await form.getByRole("checkbox", { name: "上门巡诊" }).check();
    await form.getByRole("button", { name: "保存，待签署" }).click();
    await page.getByRole("button", { name: "签署", exact: true }).click();
    const sign = page.getByRole("dialog");
    await expect(sign.getByText(`甲方（签约居民）：${name}`)).toBeVisible();
    await sign.getByRole("button", { name: "确认签署" }).click();
    await expect(sign.getByText("需要签名")).toBeVisible();
    await draw(page, sign.getByRole("img"));
    await sign.getByRole("button", { name: "确认签署" }).click();
    await expect(sign).toBeHidden();
    await expect(page.getByText(/^平板手写签名 · /)).toBeVisible();
    await expect(page.getByText("有效", { exact: true })).toBeVisible();
  });

  await test.step("the plan that the record suggests makes her due", async () => {
    await page.getByRole("link", { name }).click();
    await page.getByRole("button", { name: "高血压随访" }).click();
    await page.getByRole("button", { name: "返回签约居民" }).click();
    await page.getByText("近期到期", { exact: true }).click();
    const row = page.getByRole("listitem").filter({ has: page.getByRole("link", { name }) });
    await expect(row.getByText("7 天后到期")).toBeVisible();
  });

  const { id } = await newRequest(nurseApi, { of: wang, residentId, complaint: "血压偏高，头晕" });
  await claim(wang, id);
  const hospital = await open("dr.wang", { path: `/work/${id}` });
  const nurse = await open("nurse.li", { path: `/ward/requests/${id}/call` });
  await expectMedia(nurse.page, "nurse");

  await test.step("in the wrap-up the family doctor's time is booked, while the nurse is on the line", async () => {
    const { page: desktop } = hospital;
    await desktop.getByRole("tab", { name: word("小结") }).click();
    await desktop.getByRole("button", { name: "现在就约复诊或上门" }).click();
    const here = desktop.getByRole("region", { name: "约下一次" });
    // A reminder comes two hours before: the doctor's first time is so long from now, and as much as it takes to book it.
    const startsAt = new Date(Math.ceil((Date.now() + 120 * minute + 18_000) / minute) * minute);
    await openAtHome(meng, startsAt);
    await here.getByLabel("预约什么").click();
    await desktop.locator(".ant-select-item-option").filter({ hasText: sameDay }).click();
    await here.getByLabel(/为什么需要上门/).fill("血压不稳，请上门复测并核对用药");
    const times = here.getByRole("group", { name: "选时间" });
    await expect(times.getByText("孟医生")).toBeVisible({ timeout: patience });
    await times.getByRole("button").first().click();
    await here.getByRole("button", { name: "确认预约" }).click();
    await expect(here.getByText(/^已约：当日上门.*孟医生/)).toBeVisible({ timeout: patience });
    await expect(nurse.page.getByText(/^已约：当日上门/)).toBeVisible({ timeout: patience });
    await hospital.context.close();
  });

  let visit = await test.step("the family doctor assesses the visit, which books it", async () => {
    await page.getByRole("link", { name: "上门服务" }).click();
    await expect(page.getByRole("heading", { name: "上门服务" })).toBeVisible();
    await page.getByRole("listitem").filter({ hasText: name }).getByRole("link").first().click();
    await page.getByRole("button", { name: "评估：是否适合上门" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("checkbox", { name: "慢性病" }).check();
    await expect(dialog.getByRole("checkbox", { name: "高血压随访" }), "the plan that is due").toBeChecked();
    await dialog.getByRole("button", { name: "评估通过" }).click();
    await expect(page.getByRole("button", { name: word("我出发了") })).toBeVisible({ timeout: patience });
    const { visits } = await meng.get<Schemas["VisitPage"]>(`/api/v1/visits?residentId=${residentId}`);
    expect(visits.map((v) => [v.state, v.source, v.sourceConsultationId])).toEqual([
      ["BOOKED", "WRAP_UP", id],
    ]);
    return visits[0] as Schemas["Visit"];
  });
  const read = () => meng.get<Schemas["Visit"]>(`/api/v1/visits/${visit.id}`);
  const day = dayOf(visit.startsAt ?? "");

  await test.step("the road of the day goes by her door, in the order of the times", async () => {
    await page.goto(`/day-sheet?day=${day}`);
    await page.getByRole("button", { name: "排路线" }).click();
    const stop = page.getByRole("listitem").filter({ hasText: name }).first();
    await expect(stop).toContainText(/路上 \d+ 分钟/, { timeout: patience });
    const stops = await page.getByRole("list").last().getByRole("listitem").allInnerTexts();
    const times = stops.map((words) => /^\s*(\d\d:\d\d)/.exec(words)?.[1] ?? "");
    expect(times).toEqual(times.toSorted());
    await page.getByRole("button", { name: "更新离线资料" }).click();
    await readyWithoutNetwork(page);
    await expect.poll(async () => (await page.evaluate(namesOnDevice)).join()).toContain(visit.id);
  });

  // Until the reminder is due there is time to look at the others.
  await test.step("the bedside sees whose patient she is, the authority no name, and a contact sets the next day", async () => {
    await nurse.page.goto(`/ward/residents/${residentId}`);
    await expect(nurse.page.getByText("苏医生 · 海东路社区卫生服务中心")).toBeVisible({ timeout: patience });
    await nurse.context.close();
    const county = await open("county.bai", { path: "/goals/coverage?kind=Q&covered=yes" });
    await expect(county.page.getByText("期末特殊困难老年人")).toBeVisible();
    await expect(county.page.getByText(name)).toHaveCount(0);
    await county.context.close();
    const { residents } = await meng.get<Schemas["Panel"]>("/api/v1/panel");
    const other = residents.find((r) => r.plans.some((p) => p.plan === "DIABETES"));
    const panel = await open("dr.su", { path: `/panel/residents/${other?.residentId}` });
    await panel.page.getByRole("button", { name: "记随访：糖尿病随访" }).click();
    const dialog = panel.page.getByRole("dialog");
    await dialog.getByLabel("要点").fill("空腹血糖 6.8");
    await dialog.getByRole("button", { name: word("保存") }).click();
    await expect(panel.page.getByText("90 天后到期")).toBeVisible();
    await panel.context.close();
  });

  await test.step("the family is reminded, and says yes by one tap", async () => {
    const text = await gateway.message(phone);
    const link = /https?:\/\/\S+(\/f#[\w-]{43})/.exec(text)?.[1];
    expect(link, text).toBeDefined();
    const family = await browser.newContext({ locale: "zh-CN", viewport: { width: 390, height: 780 } });
    const telephone = await family.newPage();
    await telephone.goto(new URL(link ?? "", page.url()).href);
    await telephone.getByRole("button", { name: word("确认") }).click();
    await expect(telephone.getByText("您已确认，谢谢。")).toBeVisible();
    await family.close();
    await gateway.close();
    await expect(page.getByRole("listitem").filter({ hasText: name }).getByText("家属已确认")).toBeVisible();
  });

  await test.step("airplane mode: she sets out, arrives, measures, and writes", async () => {
    await doctor.context.setOffline(true);
    await page.reload();
    await expect(page.getByText(name).first()).toBeVisible({ timeout: patience });
    await page.goto(`/visits/${visit.id}`);
    await page.getByRole("button", { name: word("我出发了") }).click();
    await page.getByRole("button", { name: word("我到了，签到") }).click();
    await page.getByLabel("所见").fill("血压偏高，无水肿");
    await page.getByLabel("做了什么").fill("核对用药，指导限盐");
    await page.getByLabel(/收缩压/).fill("152");
    await page.getByLabel(/舒张压/).fill("84");
    await page.getByLabel("结局").click();
    await page.locator(".ant-select-item-option").first().click();
    await page.getByRole("button", { name: word("保存") }).click();
    await expect(page.getByText("已保存在本机，待发送")).toBeVisible();
  });

  await test.step("a photo, a signature drawn by hand, and she leaves", async () => {
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
    await expect(page.getByRole("status").filter({ hasText: "6 项待同步" })).toBeVisible();
    visit = await read();
    expect([visit.state, visit.photos], "nothing has left the device").toEqual(["BOOKED", []]);
  });

  await test.step("back online all of it is sent, in order, with the times of the device", async () => {
    await doctor.context.setOffline(false);
    await expect.poll(async () => (await read()).state, { timeout: patience }).toBe("LEFT");
    await expect(page.getByRole("status").filter({ hasText: "待同步" })).toBeHidden({ timeout: patience });
    visit = await read();
    expect(visit.record?.vitals?.find((v) => v.code === "SBP")?.value).toBe(152);
    expect(visit.photos.map((photo) => photo.kind)).toEqual(["PHOTO", "SIGNATURE"]);
    expect(visit.signedFor).toBe("RESIDENT");
    expect(Date.parse(visit.leftAt ?? "")).toBeLessThan(Date.parse(visit.leftHeardAt ?? ""));
  });

  await test.step("signed, it is a row of the log that counts", async () => {
    await page.getByRole("button", { name: word("签署记录") }).click();
    const dialog = page.getByRole("dialog", { name: "签署上门记录" });
    await dialog.getByLabel("登录密码").fill(demoPassword);
    await dialog.getByRole("button", { name: word("签署记录") }).click();
    await expect.poll(async () => (await read()).state, { timeout: patience }).toBe("DONE");
    const { consultationId = "" } = await read();
    const record = await as("admin.sun").get<Schemas["Consultation"]>(
      `/api/v1/consultations/${consultationId}`,
    );
    const admin = await open("admin.sun", { path: "/log?serviceType=HOME_VISIT" });
    const row = admin.page.getByRole("row").filter({ hasText: record.serial });
    await expect(row.getByText("可计入", { exact: true })).toBeVisible({ timeout: patience });
    // Who made it reads that it counts.
    await page.reload();
    await page.getByRole("link", { name: "在会诊记录中查看" }).click();
    await expect(page.getByText("可计入", { exact: true }).first()).toBeVisible({ timeout: patience });
    await expect(page.getByText(/设备时间/), "when she came and left, not when she signed").toHaveCount(2);
    // And the plan that was due has its next day.
    await page.goto(`/panel/residents/${residentId}`);
    await expect(page.getByText("90 天后到期")).toBeVisible({ timeout: patience });
  });
});
