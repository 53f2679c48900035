import { newDraft, newRequest, read } from "./support/consultations";
import { newResident } from "./support/residents";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";
import { label, word } from "./support/words";

test("a red flag opens the emergency sheet: 120 first, times logged, the doctor alongside without a promise of time", async ({
  as,
  open,
}) => {
  const nurseApi = as("nurse.li");
  const resident = await newResident(nurseApi);
  const doctor = await open("dr.wang");
  await doctor.page.getByRole("button", { name: word("可接诊") }).click();
  await expect(doctor.page.getByRole("button", { name: word("可接诊") })).toHaveAttribute(
    "aria-pressed",
    "true",
  );

  const { page } = await open("nurse.li", { path: `/ward/residents/${resident.card.id}/request` });
  await page.getByRole("button", { name: await label(nurseApi, "reasons", "OTHER"), exact: true }).click();
  const flag = page.getByRole("button", { name: await label(nurseApi, "redFlags", "CONSCIOUSNESS") });
  await flag.click();

  const sheet = page.getByRole("dialog", { name: "紧急情况：先打 120" });
  await expect(sheet).toBeVisible();
  await expect(sheet.getByRole("link", { name: "拨打 120" })).toHaveAttribute("href", "tel:120");
  await expect(sheet, "the address to read out").toContainText(
    "呼和浩特市新城区海拉尔东街88号阳光颐养院1号楼",
  );
  await expect(sheet).toContainText(`${resident.card.bed} 床`);
  await sheet.getByRole("button", { name: word("我已拨打 120") }).click();
  await expect(sheet.getByText(/已拨打 120 \d\d:\d\d/)).toBeVisible();
  const measures = sheet.getByRole("region", { name: "马上做，做完点一下" }).getByRole("button");
  await measures.first().click();
  await expect(measures.first()).toHaveAttribute("aria-pressed", "true");

  const id = /requests\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? "";
  await expect
    .poll(async () =>
      (await read(nurseApi, id)).timeline.filter((e) => e.type === "EMERGENCY_STEP").map((e) => e.data?.step),
    )
    .toEqual(["SHEET_OPENED", "CALLED_120", "MEASURE"]);
  expect((await read(nurseApi, id)).urgencyProposed).toBe("CRITICAL");

  await sheet.getByRole("button", { name: word("同时呼叫医生") }).click();
  const waiting = page.getByRole("region", { name: "等待医生" });
  // The second status names the dispatcher, who is alerted at once.
  const sentence = waiting.getByRole("status").first();
  await expect(sentence).toHaveText("特急，正在呼叫所有医生", { timeout: patience });
  await expect(sentence, "no time is promised").not.toContainText(/\d/);
  const request = await read(nurseApi, id);
  expect(request.state, "without consent, which may follow").toBe("OFFERED");
  expect(request.consentNeeded).toBe(true);
  expect(request.waiting?.promiseBy).toBeUndefined();
  await expect(doctor.page.locator(`#row-${id}`)).toContainText("特急", { timeout: patience });

  // The ambulance takes over: the request ends, with its times.
  await page.getByRole("button", { name: word("紧急情况") }).click();
  await sheet.getByRole("button", { name: word("救护车到了") }).click();
  await sheet.getByRole("button", { name: word("已交给 120") }).click();
  await sheet.getByRole("button", { name: word("已交接") }).click();
  await expect(page.getByText("已转急救，申请结束")).toBeVisible({ timeout: patience });
  expect((await read(nurseApi, id)).state).toBe("TO_EMERGENCY");
  await expect(doctor.page.locator(`#row-${id}`)).toHaveCount(0, { timeout: patience });
});

test("without an attending doctor on duty the service is nursing guidance, and the page says so", async ({
  as,
  open,
}) => {
  const { page } = await open("nurse.wu");
  const duty = await as("nurse.wu").get<{ serviceType: string; notes: { code: string; message: string }[] }>(
    "/api/v1/duty",
  );
  expect(duty.serviceType).toBe("REHAB_CARE_GUIDE");
  expect(duty.notes.length).toBeGreaterThan(0);
  for (const note of duty.notes) await expect(page.getByText(note.message)).toBeVisible();
  const request = await newRequest(as("nurse.wu"));
  expect(request.serviceType).toBe("REHAB_CARE_GUIDE");
  expect(request.submitter).toBeUndefined();
});

test("a low reading raises the proposal; lowering it asks why", async ({ as, open }) => {
  const nurseApi = as("nurse.li");
  const draft = await newDraft(nurseApi);
  await nurseApi.post(`/api/v1/consultations/${draft.id}/vitals`, {
    readings: [{ code: "SPO2", value: 86 }],
  });
  const { urgencyProposed } = await read(nurseApi, draft.id);
  expect(["CRITICAL", "EMERGENT"]).toContain(urgencyProposed);
  for (const locale of ["zh-CN", "en"] as const) {
    const refused = await nurseApi.refusal(
      "POST",
      `/api/v1/consultations/${draft.id}/submit`,
      { urgency: "ROUTINE" },
      { locale },
    );
    expect(refused.problem.fields?.map((f) => f.field)).toContain("urgencyReason");
  }
  const { page } = await open("nurse.li", { path: `/ward/requests/${draft.id}?step=call` });
  await page.getByRole("radiogroup", { name: "紧急程度" }).getByText("普通").click();
  await page.getByRole("button", { name: word("呼叫医生") }).click();
  await expect(page.getByText("请选一个理由，或写一句。")).toBeVisible();
  expect((await read(nurseApi, draft.id)).state).toBe("DRAFT");
});
