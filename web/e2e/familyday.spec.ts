import type { Schemas } from "./support/Client";
import { expectMedia } from "./support/call";
import { claim, newRequest } from "./support/consultations";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";
import { bookedVisit } from "./support/visits";
import { word } from "./support/words";

// From the family doctor's plan to the road: what a consultation finds is booked while the nurse is on the line, asked of the team, taken
// up by it, announced, and has its place in the day. offline.spec goes on from there to the record that counts.
test("what a consultation finds is booked in it, asked of the family doctor, announced, and placed in the day", async ({
  as,
  open,
}) => {
  test.setTimeout(240_000);
  const [nurseApi, wang, su] = [as("nurse.li"), as("dr.wang"), as("dr.su")];
  const { residents } = await su.get<Schemas["Panel"]>("/api/v1/panel");
  const elder = residents.find((r) => r.name === "乌兰其其格");
  if (!elder) throw new Error("she has a contract in the demo");
  expect(
    elder.plans.map((one) => one.plan),
    "the contract's plan sets what is due",
  ).toContain("HYPERTENSION");
  const { residentId } = elder;

  const { id } = await newRequest(nurseApi, { of: wang, residentId, complaint: "血压偏高，头晕" });
  await claim(wang, id);
  const doctor = await open("dr.wang", { path: `/work/${id}` });
  const nurse = await open("nurse.li", { path: `/ward/requests/${id}/call` });
  await expectMedia(nurse.page, "nurse");

  await test.step("booked in the wrap-up, and seen at the bedside at once", async () => {
    const { page } = doctor;
    await page.getByRole("tab", { name: word("小结") }).click();
    await page.getByRole("button", { name: "现在就约复诊或上门" }).click();
    const here = page.getByRole("region", { name: "约下一次" });
    await here
      .getByRole("group", { name: "选时间" })
      .getByRole("button")
      .first()
      .click({ timeout: patience });
    await here.getByRole("button", { name: "确认预约" }).click();
    await expect(here.getByText(/^已约：视频复查/)).toBeVisible({ timeout: patience });
    await expect(nurse.page.getByText(/^已约：视频复查/)).toBeVisible({ timeout: patience });
  });

  await test.step("a visit at home is asked of the family doctor", async () => {
    const { page } = doctor;
    await page.getByRole("button", { name: "申请上门" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("为什么需要上门").fill("血压不稳，请上门复测并核对用药");
    await dialog.getByRole("button", { name: "提交申请" }).click();
    await expect(dialog).toBeHidden();
    const { visits } = await su.get<Schemas["VisitPage"]>(`/api/v1/visits?residentId=${residentId}`);
    expect(visits.map((v) => [v.source, v.sourceConsultationId])).toContainEqual(["WRAP_UP", id]);
  });

  const { revision } = await su.get<Schemas["ResidentHome"]>(`/api/v1/residents/${residentId}/home`);
  await su.put(`/api/v1/residents/${residentId}/home`, {
    revision,
    address: "新城区海拉尔东街30号1单元201",
    alone: false,
    place: { lon: 111.72, lat: 40.84 },
  } satisfies Schemas["ResidentHomeInput"]);
  const visit = await bookedVisit(nurseApi, su, [elder.name]);

  await test.step("whom no message reaches gets a letter", async () => {
    const day = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);
    const letters = await su.get<Schemas["ReminderLetter"][]>(
      `/api/v1/reminder-letters?from=${day(Date.now())}&to=${day(Date.now() + 40 * 86_400_000)}`,
    );
    expect(letters.map((letter) => letter.residentName)).toContain(elder.name);
  });

  await test.step("the road of the day goes by her door", async () => {
    const { page } = await open("dr.su", { path: "/day-sheet" });
    await page.getByRole("button", { name: "排路线" }).click();
    const stop = page.getByRole("listitem").filter({ hasText: visit.residentName }).first();
    await expect(stop).toContainText(/路上 \d+ 分钟/, { timeout: patience });
  });
});
