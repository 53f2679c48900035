import type { Client, Schemas } from "./support/Client";
import { newRequest, read } from "./support/consultations";
import { inspect } from "./support/screens";
import { patience } from "./support/settings";
import { expect, type Open, type Person, test } from "./support/test";
import { word } from "./support/words";

/** s in which these tests want an urgent request answered: the steps of the ladder are shares of it. */
const target = 60;

/** Shortens the targets as the system administrator does, and returns how to set them back. */
async function shorten(system: Client): Promise<() => Promise<void>> {
  const path = "/api/v1/urgency-targets";
  const before = await system.get<Schemas["UrgencyTarget"][]>(path);
  const set = async (seconds: (urgency: string) => number | undefined) => {
    for (const now of await system.get<Schemas["UrgencyTarget"][]>(path)) {
      const acceptSeconds = seconds(now.urgency);
      if (acceptSeconds !== undefined && acceptSeconds !== now.acceptSeconds)
        await system.put(path, { ...now, acceptSeconds } satisfies Schemas["UrgencyTarget"]);
    }
  };
  await set((urgency) => (urgency === "EMERGENT" || urgency === "URGENT" ? target : undefined));
  return () => set((urgency) => before.find((t) => t.urgency === urgency)?.acceptSeconds);
}

async function available(open: Open, doctor: string): Promise<Person> {
  const person = await open(doctor, { path: "/queue" });
  const button = person.page.getByRole("button", { name: word("可接诊") });
  await button.click();
  await expect(button).toHaveAttribute("aria-pressed", "true");
  return person;
}

/** Goes to the request by the bar that leads to it from every page. */
async function follow({ page }: Person, id: string): Promise<void> {
  await page
    .getByRole("button", { name: word("回到申请") })
    .first()
    .click({ timeout: patience });
  await expect(page).toHaveURL(new RegExp(`/ward/requests/${id}`));
}

/** The step of the ladder with a code, as the nurse's page shows it. */
const step = ({ page }: Person, code: string) => page.locator(`li[data-code=${code}]`);

test.describe("a request that nobody answers", () => {
  test.describe.configure({ timeout: 300_000 });
  let restore: (() => Promise<void>) | undefined;
  test.beforeEach(async ({ as }) => {
    restore = await shorten(as("sys"));
  });
  test.afterEach(async () => restore?.());

  test("rings one after the other, is widened, and ends at a human who gives it to a doctor", async ({
    as,
    open,
  }) => {
    const wang = await available(open, "dr.wang");
    await available(open, "dr.zhao");
    // Every window is open before it begins: a ring lasts 20 s, whatever the machine is busy with.
    const nurse = await open("nurse.li");
    const nurseApi = as("nurse.li");
    const { id } = await newRequest(nurseApi, { of: as("dr.wang"), reasons: ["BREATH"] });
    await follow(nurse, id);

    // The ring, with the time that it still lasts; and what comes next, with its time, before it happens.
    const ringing = step(nurse, "ladder_ringing");
    await expect(ringing).toContainText(/[王赵]医生\s*还响 \d+ 秒/, { timeout: patience });
    await expect(ringing).toHaveAttribute("aria-current", "step");
    const ahead = step(nurse, "ladder_to_dispatcher").or(step(nurse, "ladder_dispatcher_alerted"));
    await expect(ahead).toContainText("陶敏");

    // Nobody answers: said, and asked wider.
    await expect(step(nurse, "ladder_no_answer")).toContainText(/[王赵]医生/, { timeout: patience });
    await expect(step(nurse, "ladder_widened").first()).toBeVisible({ timeout: 2 * patience });

    // In the end the named dispatcher, with a number to dial.
    await expect(step(nurse, "ladder_dispatcher_alerted")).toContainText("陶敏", { timeout: 2 * patience });
    await expect(nurse.page.getByText(/已通知调度员\s*陶敏，同时继续呼叫/).first()).toBeVisible();
    await expect(nurse.page.getByRole("link", { name: /拨打 \d/ }).first()).toBeVisible();
    await inspect(nurse.page, "nurse-ladder", "zh-CN");

    // Whose board has it on top, with what was tried.
    const desk = await open("desk.tao", { path: "/board" });
    const row = desk.page.locator(`li[data-id="${id}"]`);
    await expect(row).toContainText("超时", { timeout: patience });
    await expect(row).toContainText(/[王赵]医生.*没有应答/);
    await expect(row).toContainText("设备已响");
    await inspect(desk.page, "dispatcher-board", "zh-CN");
    await row.getByRole("button", { name: word("我来负责") }).click();
    await expect(row).toContainText("您在负责");
    await expect(step(nurse, "ladder_dispatcher_charge")).toContainText("陶敏", { timeout: patience });

    await row.getByRole("button", { name: word("指派医生") }).click();
    const dialog = desk.page.getByRole("dialog");
    await inspect(desk.page, "dispatcher-assign", "zh-CN");
    await dialog.getByRole("radio", { name: /王医生/ }).check();
    await dialog.getByRole("button", { name: word("指派给王医生") }).click();

    // The nurse is led into the call, the doctor to the case, which says who gave it.
    await expect(nurse.page).toHaveURL(new RegExp(`/ward/requests/${id}/call`), { timeout: patience });
    await expect(wang.page).toHaveURL(new RegExp(`/work/${id}`), { timeout: patience });
    await expect(wang.page.getByText("陶敏指派给您")).toBeVisible();
    await expect(row).toHaveCount(0, { timeout: patience });

    const { timeline } = await read(nurseApi, id);
    const kinds = timeline.map((event) => event.type);
    for (const kind of ["RUNG", "RING_LAPSED", "WIDENED", "DISPATCHER_ALERTED", "CHARGE_TAKEN", "ASSIGNED"])
      expect(kinds).toContain(kind);
  });

  test("is declined in two taps, which the nurse reads with the reason", async ({ as, open }) => {
    const wang = await available(open, "dr.wang");
    const nurse = await open("nurse.li");
    const { id } = await newRequest(as("nurse.li"), { of: as("dr.wang") });
    const row = wang.page.locator(`#row-${id}`);
    await expect(row).toHaveAttribute("data-ringing", "true", { timeout: patience });
    await row.getByRole("button", { name: word("不接") }).click();
    await wang.page.getByRole("button", { name: word("正在接诊病人") }).click();
    await follow(nurse, id);
    await expect(step(nurse, "ladder_declined")).toContainText("正在接诊病人", { timeout: patience });
    await expect(row).toHaveAttribute("data-ringing", "false", { timeout: patience });
  });

  test("becomes a written question, which a doctor takes and signs without a call", async ({ as, open }) => {
    const wang = await available(open, "dr.wang");
    const nurse = await open("nurse.li");
    const { id } = await newRequest(as("nurse.li"), { of: as("dr.wang") });
    await follow(nurse, id);
    const desk = await open("desk.tao", { path: "/board" });
    const row = desk.page.locator(`li[data-id="${id}"]`);
    await row.getByRole("button", { name: /更多/ }).click({ timeout: patience });
    await desk.page.getByRole("menuitem", { name: "转书面咨询" }).click();
    await desk.page
      .getByRole("dialog")
      .getByRole("button", { name: word("转书面咨询") })
      .click();
    await expect(nurse.page.getByText(/书面咨询，.* 前答复/)).toBeVisible({ timeout: patience });

    await wang.page
      .locator(`#row-${id}`)
      .getByRole("button", { name: word("接下并写意见") })
      .click();
    await expect(wang.page).toHaveURL(new RegExp(`/work/${id}`));
    const assessment = wang.page.locator("#report-assessment");
    await assessment.fill("资料显示病情平稳。");
    await expect(nurse.page.getByText(/正在写意见，.* 前答复/)).toBeVisible({ timeout: patience });
    expect(nurse.page.url()).not.toContain("/call");
    await inspect(wang.page, "doctor-written", "zh-CN");
    const { callId, state } = await read(as("dr.wang"), id);
    expect(callId).toBeUndefined();
    expect(state).toBe("ACCEPTED");
  });
});
