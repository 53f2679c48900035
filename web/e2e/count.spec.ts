import type { Client, Schemas } from "./support/Client";
import { expectMedia } from "./support/call";
import { claim, newDraft, newRequest, read } from "./support/consultations";
import { demoPassword, patience } from "./support/settings";
import { expect, test } from "./support/test";
import { word } from "./support/words";
import { answeredInWriting } from "./support/written";

/** Sets a threshold of the rules and gives what it was. */
async function threshold(sys: Client, name: string, value: number): Promise<number> {
  const { rules } = await sys.get<Schemas["RulesPage"]>("/api/v1/rules");
  const setting = rules.flatMap((r) => r.settings).find((s) => s.name === name);
  if (!setting) throw new Error(`no threshold ${name}`);
  await sys.put("/api/v1/rules/settings", {
    name,
    jurisdiction: "",
    value,
    revision: setting.revision,
    reason: "浏览器测试",
  } satisfies Schemas["RuleSettingInput"]);
  return setting.value;
}

/** Signs an opinion with one item of advice. */
async function sign(doctor: Client, id: string): Promise<void> {
  const { epoch } = await read(doctor, id);
  const draft = await doctor.put<Schemas["ReportDraft"]>(`/api/v1/consultations/${id}/report-draft`, {
    epoch,
    revision: 0,
    content: {
      examined: ["HISTORY", "INSPECTION"],
      limits: "未能听诊",
      assessment: "血压平稳，无胸闷气促。",
      diagnoses: [{ code: "I10", text: "原发性高血压", certainty: "CONFIRMED" }],
      advice: [{ kind: "NURSING", text: "每日早晚测血压并记录。" }],
      outcome: "OBSERVE",
      followUpOn: new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10),
    },
  } satisfies Schemas["ReportDraftInput"]);
  await doctor.post(`/api/v1/consultations/${id}/report`, {
    epoch,
    revision: draft.revision,
    password: demoPassword,
  } satisfies Schemas["SignReportRequest"]);
}

// The attending doctor is checked in at the bedside, the relay sees both sides: what is still missing is said, mended, and then it counts,
// in the log and on the record, which proves itself.
test("a consultation counts once its gap is mended, and its record is proved", async ({ as, open }) => {
  test.setTimeout(150_000);
  const [nurse, doctor, attending] = [as("nurse.li"), as("dr.wang"), as("dr.chen")];
  const before = await threshold(as("sys"), "min_seconds", 5);

  const { id, serial } = await newRequest(nurse, { of: doctor });
  await claim(doctor, id);
  const { code } = await attending.post<Schemas["CheckInCode"]>("/api/v1/me/check-in-code");
  const { id: userId } = await attending.me();
  await nurse.post(`/api/v1/consultations/${id}/check-ins`, {
    userId,
    method: "QR",
    code,
  } satisfies Schemas["CheckInRequest"]);
  const [atDoctor, atNurse] = [
    await open("dr.wang", { path: `/work/${id}` }),
    await open("nurse.li", { path: `/ward/requests/${id}/call` }),
  ];
  await expectMedia(atNurse.page, "nurse");
  await expectMedia(atDoctor.page, "doctor");
  await expect
    .poll(async () => (await read(doctor, id)).effectiveSeconds, { timeout: 2 * patience })
    .toBeGreaterThan(5);
  await sign(doctor, id);

  const admin = await open("admin.sun", { path: `/consultations/${id}` });
  const count = admin.page.getByRole("region", { name: "是否计入" });
  await expect(count.getByText("还差 1 项才能计入")).toBeVisible({ timeout: patience });
  await expect(count.getByText("邀请方还没有确认是否采纳")).toBeVisible();

  const adopting = await open("dr.chen", { path: `/adopt/${id}` });
  await adopting.page
    .getByRole("radiogroup", { name: "建议 1 的决定" })
    .getByText("采纳", { exact: true })
    .click();
  await adopting.page.getByRole("button", { name: word("签名") }).click();
  const dialog = adopting.page.getByRole("dialog", { name: "签名采纳" });
  await dialog.getByLabel("请再次输入登录密码").fill(demoPassword);
  await dialog.getByRole("button", { name: word("签名") }).click();
  await expect(adopting.page.getByText("已采纳并签名")).toBeVisible({ timeout: patience });

  await admin.page.goto("/log?countable=YES");
  await admin.page.getByRole("link", { name: `查看 ${serial}` }).click();
  await expect(count.getByText("可计入", { exact: true })).toBeVisible({ timeout: patience });
  const proof = count.getByRole("region", { name: "存证校验" });
  await expect(async () => {
    await proof.getByRole("button", { name: word("现在校验") }).click();
    await expect(proof.getByText(/^校验通过：\d+ 条存证/)).toBeVisible();
    await expect(proof.getByText(/条正在入链/)).toHaveCount(0);
  }).toPass({ timeout: patience });
  await threshold(as("sys"), "min_seconds", before);
});

// What fails for good says why to the nurse, to the doctor and in the administrator's log; beside it stands what could still be done, and who does it.
test("a consultation that no longer counts says why to everybody", async ({ as, open }) => {
  const { id, serial } = await answeredInWriting(as("nurse.li"), as("dr.wang"), "血压平稳，无胸闷气促。");
  const why = /书面意见共\d+字，不足50字/;

  for (const [who, path] of [
    ["nurse.li", `/ward/requests/${id}`],
    ["dr.wang", `/work/${id}`],
  ] as const) {
    const { page, context } = await open(who, { path });
    const note = page.getByRole("region", { name: "是否计入" });
    await note.getByText("本次诊疗照常有效，只是不计入目标。看原因").click({ timeout: patience });
    await expect(note.getByText(why)).toBeVisible();
    await expect(note.getByText("由陪同医师在“采纳”页确认")).toBeVisible();
    await context.close();
  }

  const admin = await open("admin.sun", { path: "/log?countable=NO" });
  const row = admin.page.getByRole("row").filter({ hasText: serial });
  await expect(row.getByText(/有效时长不足/)).toBeVisible({ timeout: patience });
  await admin.page.getByRole("link", { name: `查看 ${serial}` }).click();
  const count = admin.page.getByRole("region", { name: "是否计入" });
  await expect(count.getByText("不可计入", { exact: true })).toBeVisible({ timeout: patience });
  await expect(count.getByText(why)).toBeVisible();
});

// Without a consent the server refuses before anything rings and says why; the sheet that opens mends it, and the call goes out.
test("what is refused before the call is mended on the spot", async ({ as, open }) => {
  const nurse = as("nurse.li");
  const draft = await newDraft(nurse);
  const refused = await nurse
    .post(`/api/v1/consultations/${draft.id}/submit`, {
      urgency: "ROUTINE",
    } satisfies Schemas["SubmitRequest"])
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(refused).toMatchObject({ status: 422, problem: { code: "consent_required" } });

  const { page } = await open("nurse.li", { path: `/ward/requests/${draft.id}?step=call` });
  await expect(page.getByText("还没有有效的知情同意。").first()).toBeVisible();
  await page.getByRole("button", { name: word("呼叫医生") }).click();
  const sheet = page.getByRole("dialog");
  await expect(sheet.getByRole("button", { name: word("同意并签名") })).toBeVisible();
  expect((await read(nurse, draft.id)).state, "nothing rang").toBe("DRAFT");
  const required = sheet.getByRole("checkbox");
  for (const n of [0, 1, 2]) await required.nth(n).check();
  const pad = sheet.locator("canvas");
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error("no pad to sign on");
  await page.mouse.move(box.x + 40, box.y + 40);
  await page.mouse.down();
  for (const step of [60, 90, 120, 160]) await page.mouse.move(box.x + step, box.y + 30 + (step % 50));
  await page.mouse.up();
  await sheet.getByRole("button", { name: word("同意并签名") }).click();
  await expect.poll(async () => (await read(nurse, draft.id)).state, { timeout: patience }).toBe("OFFERED");
});

// A referral from the bedside: the hospital's desk takes it, the resident arrives and is treated, the home acknowledges the return.
test("a referral is closed by both sides", async ({ as, open }) => {
  const log = await as("admin.sun").get<Schemas["LogPage"]>("/api/v1/consultations?state=ARCHIVED");
  const hospital = (await as("dr.wang").me()).memberships[0]?.organisationName;
  const row = log.rows.find((r) => r.hospital === hospital);
  if (!row) throw new Error("the demo has no archived consultation of that hospital");
  const why = `需住院进一步检查 ${Date.now()}`;

  const nurse = await open("nurse.li", { path: `/ward/requests/${row.id}` });
  await nurse.page.getByRole("button", { name: word("发起转诊") }).click();
  const form = nurse.page.getByRole("dialog");
  await form.getByLabel("转诊原因与交接要点").fill(why);
  await form.getByRole("button", { name: word("发出") }).click();
  await expect(nurse.page.getByText(why)).toBeVisible();

  const desk = await open("desk.tao", { path: "/referrals" });
  const taken = desk.page.getByRole("listitem").filter({ hasText: row.serial });
  await taken.getByRole("button", { name: word("接收") }).click();
  await taken.getByRole("button", { name: word("确认到院") }).click();
  await taken.getByRole("button", { name: word("办结") }).click();
  const words = desk.page.getByRole("dialog");
  await words.getByRole("textbox").fill("住院治疗后好转出院");
  await words.getByRole("button", { name: word("办结") }).click();
  await expect(taken.getByText("已办结").first()).toBeVisible();

  await nurse.page.goto("/referrals");
  await nurse.page.getByRole("switch", { name: "只看未办结" }).click();
  const closed = nurse.page.getByRole("listitem").filter({ hasText: why });
  await expect(closed.getByText("结果：住院治疗后好转出院")).toBeVisible();
  await closed.getByRole("button", { name: word("确认回转") }).click();
  await expect(closed.getByText("已回转").first()).toBeVisible();
});
