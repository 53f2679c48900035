import { newRequest, read } from "./support/consultations";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";
import { word } from "./support/words";

test("two doctors answer at once: one wins, the other is told who", async ({ as, open }) => {
  const [wang, zhao] = [await open("dr.wang"), await open("dr.zhao")];
  const doctors = [wang, zhao];
  for (const { page } of doctors) {
    await page.getByRole("button", { name: word("可接诊") }).click();
    await expect(page.getByRole("button", { name: word("可接诊") })).toHaveAttribute("aria-pressed", "true");
  }
  const { id, resident } = await newRequest(as("nurse.li"));
  const buttons = doctors.map(({ page }) =>
    page.locator(`#row-${id}`).getByRole("button", { name: word("接听") }),
  );
  // It rings one doctor after the other, whoever is idle longest first; both may answer from their list meanwhile.
  for (const button of buttons) await expect(button).toBeEnabled({ timeout: patience });
  const rings = doctors.map(({ page }) => page.getByText(/^正在呼叫您：/));
  await expect
    .poll(async () => (await Promise.all(rings.map((ring) => ring.isVisible()))).includes(true), {
      timeout: patience,
    })
    .toBe(true);
  await Promise.all(buttons.map((button) => button.click()));

  await expect
    .poll(() => doctors.filter(({ page }) => page.url().endsWith(`/work/${id}`)).length, {
      timeout: patience,
    })
    .toBe(1);
  const won = wang.page.url().endsWith(`/work/${id}`);
  const [winner, loser] = won ? ["王医生", zhao] : ["赵医生", wang];
  await expect(loser.page.getByText(new RegExp(`^${winner}已接听 ${resident.bed} 床`))).toBeVisible();
  await expect(loser.page.getByText(/^正在呼叫您：/), "it no longer rings").toHaveCount(0);
  await expect(loser.page.locator(`#row-${id}`)).toContainText(`${winner}已接听`);
  await expect(loser.page.locator(`#row-${id}`).getByRole("button", { name: word("接听") })).toHaveCount(0);

  const after = await read(as("nurse.li"), id);
  expect(after.doctor?.name).toBe(winner);
  expect(after.epoch).toBe(1);
  expect(after.timeline.filter((event) => event.type === "CLAIM")).toHaveLength(1);
});
