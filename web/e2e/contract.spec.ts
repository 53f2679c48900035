import type { Schemas } from "./support/Client";
import { expect, test } from "./support/test";

// From a contract to what is due: drawn up and signed on the tablet, seen at the bedside and, without a name, by the authority; a plan
// that the record suggests is begun and followed.
test("a family-doctor contract is signed, and what is due is seen to", async ({ as, open }) => {
  const api = as("dr.su");
  const [team] = await api.get<Schemas["FdTeam"][]>("/api/v1/fd-teams");
  const people = await api.get<Schemas["FdCandidate"][]>(`/api/v1/fd-candidates?teamId=${team?.id}`);
  const elder = people.find((p) => p.home === "康宁养老院" && !p.contractId && p.capacity === "FULL");
  if (!elder) throw new Error("every resident of the home has a contract");

  const { page } = await open("dr.su");
  await expect(page.getByRole("heading", { name: "签约居民" })).toBeVisible();
  await page.getByRole("button", { name: "管理" }).click();
  await page.getByRole("link", { name: "签约协议" }).click();
  await page.getByRole("button", { name: "新建协议" }).click();
  const form = page.getByRole("dialog");
  await form.getByLabel("选择居民").fill(elder.name);
  await page.getByText(`${elder.home} ${elder.bed} ${elder.name}`).click();
  await form.getByRole("checkbox", { name: "上门巡诊" }).check();
  await form.getByRole("button", { name: "保存，待签署" }).click();

  await page.getByRole("button", { name: "签署", exact: true }).click();
  const sign = page.getByRole("dialog");
  await expect(sign.getByText(`甲方（签约居民）：${elder.name}`)).toBeVisible();
  await sign.getByRole("button", { name: "确认签署" }).click();
  await expect(sign.getByText("需要签名")).toBeVisible();
  const pad = sign.getByRole("img");
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error("there is nothing to sign on");
  await page.mouse.move(box.x + 40, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 70, { steps: 12 });
  await page.mouse.move(box.x + 220, box.y + 30, { steps: 8 });
  await page.mouse.up();
  await sign.getByRole("button", { name: "确认签署" }).click();
  await expect(sign).toBeHidden();
  await expect(page.getByText(/^平板手写签名 · /)).toBeVisible();
  await expect(page.getByText("有效", { exact: true })).toBeVisible();

  // The plan that the record suggests, and a contact that sets the next day.
  await page.getByRole("link", { name: elder.name }).click();
  await page.getByRole("button", { name: "老年人年度健康体检与评估" }).click();
  await page.getByRole("button", { name: "记随访：老年人年度健康体检与评估" }).click();
  await page.getByRole("dialog").getByLabel("要点").fill("已完成年度体检");
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /保\s*存/ })
    .click();
  await expect(page.getByText("365 天后到期")).toBeVisible();
  await expect(page.getByText("已完成年度体检")).toBeVisible();
  await page.getByRole("button", { name: "返回签约居民" }).click();
  const row = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: elder.name }) });
  await expect(row.getByText("365 天后到期")).toBeVisible();

  // The bedside sees who the family doctor is; the administrator and the authority see no name.
  const nurse = await open("nurse.wu", { path: `/ward/residents/${elder.residentId}` });
  await expect(nurse.page.getByText("苏医生 · 海东路社区卫生服务中心")).toBeVisible();
  const county = await open("county.bai", { path: "/goals/coverage?kind=Q&covered=yes" });
  await expect(county.page.getByText(`期末特殊困难老年人`)).toBeVisible();
  await expect(county.page.getByText(elder.name)).toHaveCount(0);
});
