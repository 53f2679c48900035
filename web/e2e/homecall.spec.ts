import type { Schemas } from "./support/Client";
import { expectMedia } from "./support/call";
import { claim, read } from "./support/consultations";
import { giveConsent } from "./support/residents";
import { demoPassword, patience } from "./support/settings";
import { expect, test } from "./support/test";
import { bookedVisit } from "./support/visits";
import { word } from "./support/words";

test("a family doctor calls a specialist from a home, and adopts the opinion in the name of the health centre", async ({
  as,
  open,
}) => {
  const [nurseApi, wang, su] = [as("nurse.li"), as("dr.wang"), as("dr.su")];
  const visit = await bookedVisit(nurseApi, su, ["张桂兰"]);
  await su.post(`/api/v1/visits/${visit.id}/step`, { action: "DEPART" });
  await su.post(`/api/v1/visits/${visit.id}/step`, { action: "ARRIVE" });
  const tablet = await open("dr.su", { path: `/visits/${visit.id}`, viewport: { width: 800, height: 1280 } });
  const { page } = tablet;
  let id = "";

  await test.step("two taps, and no bed where there is none", async () => {
    await page.getByRole("button", { name: word("连线专家") }).click();
    await page.waitForURL(/\/ward\/requests\/[0-9a-f-]+\?step=call/);
    id = /requests\/([0-9a-f-]+)/.exec(page.url())?.[1] ?? "";
    await expect(page.getByText("在家", { exact: true })).toBeVisible({ timeout: patience });
    await giveConsent(su, id);
    await expect(page.getByText(/知情同意有效/)).toBeVisible({ timeout: patience });
    await page.getByRole("button", { name: word("呼叫医生") }).click();
    await expect(page.getByRole("region", { name: "等待医生" })).toBeVisible({ timeout: patience });
    expect((await read(su, id)).invitingOrg.name).toBe("海东路社区卫生服务中心");
  });

  await test.step("the specialist answers, and both see and hear each other", async () => {
    await claim(wang, id);
    const doctor = await open("dr.wang", { path: `/work/${id}` });
    await expectMedia(page, "family doctor");
    await expectMedia(doctor.page, "specialist");
    await expect(page.getByText("苏医生 在场")).toBeVisible();
    await doctor.page.close();
  });

  await test.step("the opinion is adopted by who stood in the home", async () => {
    const { epoch } = await read(wang, id);
    await wang.post(`/api/v1/consultations/${id}/finish`, { epoch } satisfies Schemas["EpochRequest"]);
    const draft = await wang.put<Schemas["ReportDraft"]>(`/api/v1/consultations/${id}/report-draft`, {
      epoch,
      revision: 0,
      content: {
        examined: ["HISTORY"],
        limits: "未能听诊",
        assessment: "血压轻度升高，继续现有用药，一周后复测。",
        diagnoses: [{ code: "I10", text: "原发性高血压", certainty: "CONFIRMED" }],
        advice: [{ kind: "NURSING", text: "早晚各测血压一次" }],
        outcome: "OBSERVE",
        followUpOn: new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10),
      },
    } satisfies Schemas["ReportDraftInput"]);
    await wang.post(`/api/v1/consultations/${id}/report`, {
      epoch,
      revision: draft.revision,
      password: demoPassword,
    } satisfies Schemas["SignReportRequest"]);
    await page.getByRole("button", { name: word("查看并采纳") }).click({ timeout: patience });
    await page.getByRole("radiogroup", { name: "建议 1 的决定" }).getByText("采纳", { exact: true }).click();
    await page.getByRole("button", { name: word("签名") }).click();
    const dialog = page.getByRole("dialog", { name: "签名采纳" });
    await dialog.getByLabel("请再次输入登录密码").fill(demoPassword);
    await dialog.getByRole("button", { name: word("签名") }).click();
    await expect(page.getByText("已采纳并签名")).toBeVisible({ timeout: patience });
  });

  await test.step("the visit names the consultation", async () => {
    await page.getByRole("button", { name: word("回到上门服务") }).click();
    const { serial } = await read(su, id);
    await expect(page.getByRole("link", { name: `视频会诊 ${serial}` })).toBeVisible({ timeout: patience });
    await su.post(`/api/v1/visits/${visit.id}/step`, { action: "LEAVE" });
  });
});
