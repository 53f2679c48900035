import type { Client, Schemas } from "./support/Client";
import { expectMedia } from "./support/call";
import { claim, newRequest, read } from "./support/consultations";
import { demoPassword, patience } from "./support/settings";
import { expect, test } from "./support/test";
import { word } from "./support/words";

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
