import { newDraft, read } from "./support/consultations";
import type { Schemas } from "./support/Client";
import { giveConsent } from "./support/residents";
import { demoPassword, patience } from "./support/settings";
import { expect, test } from "./support/test";
import { label, word } from "./support/words";

test("a nurse asks in writing, the doctor advises, the attending adopts, the nurse reads back", async ({
  as,
  open,
}) => {
  const [nurseApi, doctorApi] = [as("nurse.li"), as("dr.wang")];
  const doctor = await open("dr.wang", { path: "/queue" });
  await doctor.page.getByRole("button", { name: word("可接诊") }).click();
  await expect(doctor.page.getByRole("button", { name: word("可接诊") })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  const draft = await newDraft(nurseApi, {
    reasons: ["OTHER"],
    complaint: "近一周晨起血压偏高",
    readings: [
      { code: "SBP", value: 158 },
      { code: "DBP", value: 92 },
    ],
  });
  if (draft.consentNeeded) await giveConsent(nurseApi, draft.id);
  const path = `/api/v1/consultations/${draft.id}`;
  const nurse = await open("nurse.li", { path: `/ward/requests/${draft.id}?step=call` });

  await test.step("in writing, with what for and by when", async () => {
    const { page } = nurse;
    await page.getByRole("button", { name: word("修改申请单") }).click();
    const form = page.getByRole("dialog", { name: "远程会诊申请单" });
    await expect(form.getByLabel("病历摘要"), "nothing is typed twice").toHaveValue(/近一周晨起血压偏高/);
    await form.getByLabel("希望医生回答什么").fill("是否需要加药");
    await form.getByRole("button", { name: word("保存") }).click();
    await expect(page.getByText("是否需要加药")).toBeVisible();
    await page.getByRole("button", { name: /书面咨询/ }).click();
    await expect(page.getByRole("status").filter({ hasText: /书面咨询，.* 前答复/ })).toBeVisible({
      timeout: patience,
    });
    const asked = await read(nurseApi, draft.id);
    expect(asked).toMatchObject({ state: "OFFERED", mode: "WRITTEN" });
    const sent = await nurseApi.get<Schemas["Application"]>(`${path}/application`);
    expect(sent).toMatchObject({ editable: false, purposeNote: "是否需要加药" });
  });

  await test.step("the doctor answers with structured advice, without a call", async () => {
    const { page, context } = doctor;
    await page.locator(`#row-${draft.id}`).getByRole("button").first().click();
    await expect(page).toHaveURL(new RegExp(`/work/${draft.id}`));
    await page
      .getByLabel("病情评估", { exact: true })
      .fill(
        "血压控制不佳，近一周收缩压多在150以上，无头痛胸闷，未见靶器官损害的表现，暂不需要住院，先调整用药并加强监测。",
      );
    await page.getByLabel("诊断", { exact: true }).fill("I10");
    await page.locator(".ant-select-item-option").filter({ hasText: "I10" }).first().click();
    await page.getByRole("button", { name: "添加建议" }).click();
    await page.getByRole("combobox", { name: "建议 1 的类别" }).click();
    await page.locator(".ant-select-item-option").filter({ hasText: "用药建议" }).click();
    await page.getByLabel("建议 1 的内容").fill("氨氯地平");
    await page.getByLabel("建议 1 的剂量").fill("5 mg");
    await page.getByRole("combobox", { name: "建议 1 的频次" }).click();
    await page.locator(".ant-select-item-option:visible").filter({ hasText: "每日一次" }).click();
    await page.getByLabel("建议 1 的天数").fill("28");
    await page.getByRole("button", { name: word("常用建议") }).click();
    await page.getByRole("menuitem", { name: "测血压、心率并记录" }).click();
    const outcome = await label(doctorApi, "outcomes", "ADJUST");
    await page.getByRole("combobox", { name: "会诊结果" }).fill(outcome);
    await page.locator(".ant-select-item-option:visible").filter({ hasText: outcome }).click();
    await page.getByRole("button", { name: word("1 周") }).click();
    await page.getByRole("button", { name: word("签名") }).click();
    const dialog = page.getByRole("dialog", { name: "签名确认" });
    await dialog.getByLabel("请再次输入登录密码").fill(demoPassword);
    await dialog.getByRole("button", { name: word("签名") }).click();
    await expect(page.getByText("意见已签名").first()).toBeVisible({ timeout: patience });
    await expect(page.getByText("氨氯地平 5 mg，每日一次，28 天")).toBeVisible();
    await context.close();
  });

  await test.step("the attending adopts, with the final diagnosis", async () => {
    const { page, context } = await open("dr.chen", { path: `/adopt/${draft.id}` });
    await page.getByRole("button", { name: word("全部采纳") }).click();
    await expect(page.getByLabel("最终方案")).toHaveValue(/氨氯地平 5 mg，每日一次，28 天/);
    await page
      .getByRole("radiogroup", { name: /^确定程度/ })
      .getByText("确诊", { exact: true })
      .click();
    await page.getByRole("button", { name: word("签名") }).click();
    const dialog = page.getByRole("dialog", { name: "签名采纳" });
    await dialog.getByLabel("请再次输入登录密码").fill(demoPassword);
    await dialog.getByRole("button", { name: word("签名") }).click();
    await expect(page.getByText("已采纳并签名")).toBeVisible({ timeout: patience });
    await context.close();
  });

  await test.step("the nurse reads each item back and ticks it", async () => {
    const { page } = nurse;
    for (const what of ["氨氯地平", "测血压、心率并记录"]) {
      await page.getByRole("button", { name: `已复述：${what}` }).click({ timeout: patience });
      await expect(page.getByRole("button", { name: `已复述：${what}` })).toBeHidden();
    }
    const done = await read(doctorApi, draft.id);
    expect(done.advice.map((item) => item.readBackBy)).toEqual(["李护士", "李护士"]);
    expect(done.adoption?.finalDiagnoses).toMatchObject([{ code: "I10", certainty: "CONFIRMED" }]);
  });
});
