import type { Schemas } from "./support/Client";
import { newResident } from "./support/residents";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";
import { word } from "./support/words";
import { adoptAll, answeredInWriting } from "./support/written";

// Region, league and county see figures, go down to their rows, and never see a name.
test("authorities drill from a figure to its rows, never to a name", async ({ as, open }) => {
  const cards = await as("nurse.li").get<Schemas["ResidentCard"][]>("/api/v1/residents");
  const names = cards.map(({ name }) => name).filter((name) => name.length > 2);
  expect(names).toContain("张桂兰");
  const way = {
    "region.sa": ["呼和浩特市卫生健康委员会（演示）", "新城区卫生健康委员会", "阳光颐养院"],
    "league.ao": ["新城区卫生健康委员会", "阳光颐养院"],
    "county.bai": ["阳光颐养院"],
  };
  for (const [who, steps] of Object.entries(way)) {
    const { page, context } = await open(who, { path: "/goals?kind=Y" });
    await expect(page.getByRole("heading", { name: "现在要做" })).toBeVisible({ timeout: patience });
    for (const step of steps) {
      await page.getByRole("region", { name: "下级" }).getByRole("button", { name: step }).click();
      await expect(page).toHaveURL(/org=/);
    }
    await page
      .getByRole("region", { name: "目标、完成与可计入" })
      .getByRole("link", { name: /^已完成/ })
      .click();
    await expect(page.getByRole("cell", { name: /LZ\d{8}-\d+/ }).first()).toBeVisible({ timeout: patience });
    const text = await page.locator("#main").innerText();
    for (const name of names) expect(text, `${who} reads a name`).not.toContain(name);
    await context.close();
  }
});

// A report is drawn at random and marked by the hospital's quality control; the home's passes a duplicate with a reason.
test("quality control marks a report and passes a duplicate with a reason", async ({ as, open }) => {
  const long =
    "血压控制不佳，近一周收缩压多在一百五十以上，无头痛胸闷，未见靶器官损害的表现，暂不需要住院，先加强监测并按时随访。";
  const [nurse, doctor] = [as("nurse.li"), as("dr.wang")];
  const resident = (await newResident(nurse)).card.id;
  const first = await answeredInWriting(nurse, doctor, long, resident);
  await adoptAll(as("dr.chen"), first.id);
  const second = await answeredInWriting(nurse, doctor, long, resident);
  await adoptAll(as("dr.chen"), second.id);

  const qc = await open("qc.lin", { path: `/consultations/${second.id}` });
  const count = qc.page.getByRole("region", { name: "是否计入" });
  await expect(count.getByText(new RegExp(`已有一次（${first.serial}）`))).toBeVisible({ timeout: patience });
  await count.getByRole("button", { name: word("请质控审核") }).click();
  const why = qc.page.getByRole("dialog");
  await why.getByRole("textbox").fill("两次会诊问题不同，第二次为药物反应，已核对病历");
  await why.getByRole("button", { name: word("确认") }).click();
  await expect(count.getByText("可计入", { exact: true })).toBeVisible({ timeout: patience });
  await expect(count.getByText("两次会诊问题不同，第二次为药物反应，已核对病历")).toBeVisible();

  const { page } = await open("qc.tong");
  await page.getByRole("button", { name: word("抽取报告") }).click();
  const draw = page.getByRole("dialog");
  await draw.getByRole("button", { name: word("抽取报告") }).click();
  await expect(draw).toBeHidden({ timeout: patience });
  const row = page.getByRole("listitem").filter({ hasText: "待评审" }).first();
  const serial = await row.getByText(/^LZ\d{8}-\d+$/).innerText();
  await row.getByRole("button", { name: word("评分") }).click();
  const sheet = page.getByRole("dialog");
  const { qualityItems } = await nurse.get<Schemas["Catalogue"]>("/api/v1/catalogue");
  for (const item of qualityItems)
    await sheet.getByLabel(`${item.zh} (0–${item.points})`).fill(String(item.points));
  await sheet.getByLabel("评语").fill("评估有依据，建议具体。");
  await sheet.getByRole("button", { name: word("登记") }).click();
  const marked = page.getByRole("listitem").filter({ hasText: serial });
  await expect(marked.getByText("合格 100 分")).toBeVisible({ timeout: patience });
  await expect(marked.getByText("评估有依据，建议具体。")).toBeVisible();
});

// A complaint has a deadline in working days; the officer answers it with what was found.
test("the complaint officer answers within the working days", async ({ as, open }) => {
  const content = `等候太久 ${Date.now()}`;
  await as("nurse.li").post("/api/v1/complaints", {
    complainant: "FAMILY",
    category: "WAITING",
    content,
  } satisfies Schemas["ComplaintInput"]);
  const { page } = await open("complaints.yu");
  const row = page.getByRole("listitem").filter({ hasText: content });
  await expect(row.getByText(/前答复（还有 \d+ 个工作日）/)).toBeVisible({ timeout: patience });
  await row.getByRole("button").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio").first().check();
  await dialog.getByRole("textbox").fill("已向家属说明并调整夜间值班。");
  await dialog.locator("button.ant-btn-primary").click();
  await expect(row.getByText("按期办结")).toBeVisible({ timeout: patience });
  await expect(row.getByText(/已向家属说明并调整夜间值班。/)).toBeVisible();
});

// The auditor reads who opened what, has the whole chain proved, and takes the evidence away.
test("the auditor reads accesses, proves the chain and takes the checkpoint", async ({ as, open }) => {
  const cards = await as("nurse.li").get<Schemas["ResidentCard"][]>("/api/v1/residents");
  await as("nurse.li").get(`/api/v1/residents/${cards[0]?.id}`);
  const { page } = await open("audit.lu");
  await page.getByText("查阅记录", { exact: true }).click();
  await expect(page.getByRole("row").filter({ hasText: "李护士" }).first()).toBeVisible({
    timeout: patience,
  });
  const text = await page.locator("#main").innerText();
  for (const { name } of cards.filter((c) => c.name.length > 2)) expect(text).not.toContain(name);
  await page.getByRole("button", { name: word("现在校验") }).click();
  await expect(page.getByText("正在校验全部存证…")).toBeVisible();
  await expect(page.getByText(/^存证链完整/)).toBeVisible({ timeout: 2 * patience });
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "下载存证检查点" }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/^checkpoint-.*\.json$/);
});

// A pharmacist reviews what the bedside entered: one is approved, one that meets an allergy goes back with a word, which the nurse reads.
test("the pharmacist reviews prescriptions", async ({ as, open }) => {
  const nurse = as("nurse.li");
  const allergic = await newResident(nurse, { allergies: "青霉素" });
  const enter = (name: string, number: string) =>
    nurse.get<Schemas["CareFile"]>(`/api/v1/residents/${allergic.card.id}/care-file`).then((file) =>
      nurse.post(`/api/v1/residents/${allergic.card.id}/medications`, {
        source: "OTHER_HOSPITAL",
        name,
        dose: "0.5 g",
        frequency: "QD",
        route: "ORAL",
        startedOn: "2026-01-01",
        allergyReason: "医师知道",
        prescription: { number, institution: "青城医院", reviewOrgId: file.reviewers[0]?.id ?? "" },
      } satisfies Schemas["MedicationInput"]),
    );
  const [good, bad] = [`CF-${Date.now()}-1`, `CF-${Date.now()}-2`];
  await enter("氨氯地平片", good);
  await enter("青霉素V钾片", bad);

  const { page } = await open("rx.ding");
  const of = (number: string) => page.getByRole("listitem").filter({ hasText: number });
  await of(good).getByRole("button", { name: "打开审核" }).click();
  await of(good)
    .getByRole("button", { name: /审核通过/ })
    .click();
  await expect(of(good).getByText("已通过")).toBeVisible({ timeout: patience });
  await of(bad).getByRole("button", { name: "打开审核" }).click();
  await expect(of(bad).getByText("氨氯地平片 0.5 g", { exact: false })).toBeVisible();
  await of(bad).getByRole("button", { name: /退回/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill("青霉素过敏，请医师更换");
  await dialog.getByRole("button", { name: word("退回") }).click();
  await expect(of(bad).getByText("药师意见：青霉素过敏，请医师更换")).toBeVisible({ timeout: patience });

  const bedside = await open("nurse.li", { path: `/ward/residents/${allergic.card.id}/care` });
  await expect(bedside.page.getByText("药师丁药师审核未通过")).toBeVisible({ timeout: patience });
});

// What no machine can see is declared once a year, with its document.
test("an institution declares a duty for the year", async ({ open }) => {
  const { page } = await open("admin.fang", { path: "/system" });
  await page.getByRole("button", { name: "海东路社区卫生服务中心", exact: true }).click();
  const dialog = page.getByRole("dialog").first();
  await dialog.getByRole("button", { name: /^申报：远程医疗病历资料单独归档/ }).click();
  const form = page.getByRole("dialog", { name: /^申报：/ });
  await form.getByLabel("材料名称或文号").fill(`病历归档制度 ${Date.now()}`);
  await form.getByRole("button", { name: word("申报") }).click();
  await expect(dialog.getByRole("listitem").filter({ hasText: "远程医疗病历资料单独归档" })).toContainText(
    "病历归档制度",
    { timeout: patience },
  );
});
