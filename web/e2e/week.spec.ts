import type { Locator, Page } from "@playwright/test";
import type { Client, Schemas } from "./support/Client";
import { dayAfter, dayOf, monday } from "./support/days";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";

type Appointment = Schemas["Appointment"];

/** Somewhere on the screen, px. */
interface Point {
  x: number;
  y: number;
}

async function middle(of: Locator): Promise<Point> {
  const box = await of.boundingBox();
  if (!box) throw new Error("it is not on the screen");
  return { x: box.x + box.width / 2, y: box.y + 8 };
}

/** Drags with the mouse, and lets go once the page has said whether it is free there. */
async function drag(page: Page, from: Locator, to: Point, said: RegExp): Promise<void> {
  const begin = await middle(from);
  await page.mouse.move(begin.x, begin.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 6 });
  await expect(async () => {
    await page.mouse.move(to.x + Math.random() * 2, to.y);
    await expect(page.getByRole("status").filter({ hasText: said })).toBeAttached({ timeout: 500 });
  }).toPass({ timeout: patience });
  await page.mouse.up();
}

/** The first week from the next on with two days on which much is free, and these days. */
async function roomyWeek(doctor: Client, kindId: string, practitionerId: string) {
  const first = dayAfter(monday(dayOf(new Date())), 7);
  const page = await doctor.get<Schemas["SlotPage"]>(
    `/api/v1/slots?kindId=${kindId}&practitionerId=${practitionerId}&limit=1000&from=${first}T00:00:00%2B08:00&to=${dayAfter(first, 21)}T00:00:00%2B08:00`,
  );
  const byDay = new Map<string, string[]>();
  for (const s of page.slots)
    byDay.set(dayOf(s.startsAt), [...(byDay.get(dayOf(s.startsAt)) ?? []), s.startsAt]);
  for (let week = first; ; week = dayAfter(week, 7)) {
    const days = [...byDay].filter(([day, free]) => monday(day) === week && free.length >= 5);
    if (days.length >= 2) return { week, days };
    if (week > dayAfter(first, 21)) throw new Error("nothing is free for three weeks");
  }
}

test("the week is moved by hand and keyboard, several are booked at once, and the nurse prepares", async ({
  as,
  open,
}) => {
  const known = new Set<string>();
  const doctor = as("dr.su");
  const { id: practitionerId } = await doctor.me();
  const kinds = await doctor.get<Schemas["AppointmentKind"][]>("/api/v1/appointment-kinds");
  const kind = kinds.find((k) => k.name === "门诊随访");
  if (!kind) throw new Error("the demo's clinic is not offered");
  const { residents } = await doctor.get<Schemas["Panel"]>("/api/v1/panel");
  const [elder, other] = residents.filter((r) => r.home === "阳光颐养院");
  if (!elder || !other) throw new Error("nobody is on the panel");
  const { week, days } = await roomyWeek(doctor, kind.id, practitionerId);
  const [[, free], [nextDay]] = [days[0] ?? ["", []], days[1] ?? ["", []]];
  const book = (resident: Schemas["PanelResident"], startsAt: string | undefined) =>
    doctor.post<Appointment>("/api/v1/appointments", {
      kindId: kind.id,
      practitionerId,
      residentId: resident.residentId,
      startsAt: startsAt ?? "",
    } satisfies Schemas["AppointmentInput"]);
  const booked = () =>
    doctor.get<Appointment[]>(
      `/api/v1/appointments?from=${new Date().toISOString()}&to=${new Date(Date.now() + 40 * 86_400_000).toISOString()}`,
    );
  for (const a of await booked()) known.add(a.id);
  const mine = await book(elder, free[0]);
  const beside = await book(other, free[2]);
  const read = (id: string) => doctor.get<Appointment>(`/api/v1/appointments/${id}`);
  const at = (id: string) => expect.poll(async () => (await read(id)).startsAt, { timeout: patience });

  const { page } = await open("dr.su", { path: `/appointments?view=week&week=${week}` });
  const block = (id: string) => page.locator(`[data-id="${id}"]`);
  await expect(block(mine.id)).toBeVisible();
  await block(mine.id).scrollIntoViewIfNeeded();

  // Onto another day, and back within ten seconds.
  const column = await middle(page.locator(`[data-day="${nextDay}"]`));
  await drag(page, block(mine.id), { x: column.x, y: (await middle(block(mine.id))).y }, /，有空/);
  await at(mine.id).toMatch(/./);
  await expect.poll(async () => dayOf((await read(mine.id)).startsAt), { timeout: patience }).toBe(nextDay);
  await page.getByRole("button", { name: /撤\s*销/ }).click();
  await at(mine.id).toBe(mine.startsAt);
  await expect(block(mine.id)).toBeVisible();

  // Onto somebody else: it stays, and what is free instead is one press away.
  await drag(page, block(mine.id), await middle(block(beside.id)), /，没空/);
  await expect(page.getByRole("alert").filter({ hasText: "已有另一个预约" })).toBeVisible();
  await at(mine.id).toBe(mine.startsAt);
  const instead = page.getByRole("group", { name: "还可以约：" }).getByRole("button");
  await expect(instead).toHaveCount(3);
  await instead.last().click();
  await at(mine.id).not.toBe(mine.startsAt);
  await expect(page.getByText(/已改到/)).toBeVisible();

  // By keyboard: Esc puts back, Enter puts down.
  const before = (await read(mine.id)).startsAt;
  await block(mine.id).focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  await page.keyboard.press("ArrowDown");
  await expect(async () => {
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("status").filter({ hasText: /，有空/ })).toBeAttached({ timeout: 500 });
  }).toPass({ timeout: patience });
  expect((await read(mine.id)).startsAt).toBe(before);
  await page.keyboard.press("Enter");
  await at(mine.id).not.toBe(before);

  // Two of the panel at once.
  await page.goto("/panel");
  for (const r of [elder, other])
    await page
      .getByRole("listitem")
      .filter({ has: page.getByRole("link", { name: r.name, exact: true }) })
      .getByRole("checkbox")
      .check();
  await page.getByRole("button", { name: "批量预约" }).click();
  await page.getByRole("button", { name: /全部确认（2 人）/ }).click();
  await expect(page.getByText(/^已约好 /)).toHaveCount(2, { timeout: patience });

  // The nurse of the house sees what comes, and what she has ready her colleague need not ask.
  const kept = await read(mine.id);
  const nurse = await open("nurse.li", { path: `/prepare?day=${dayOf(kept.startsAt)}` });
  const card = nurse.page
    .getByRole("listitem")
    .filter({ has: nurse.page.getByRole("link", { name: new RegExp(`${elder.bed} `) }) })
    .filter({ hasText: "门诊随访" });
  await card.getByRole("checkbox", { name: /用药清单/ }).click();
  await expect(card.getByRole("checkbox", { name: /用药清单.*李护士/ })).toBeChecked();
  const seen = await as("dr.chen").get<Schemas["Preparation"][]>(
    `/api/v1/preparations?day=${dayOf(kept.startsAt)}`,
  );
  expect(
    seen.find((p) => p.appointmentId === mine.id)?.items.find((i) => i.item === "MEDICINES"),
  ).toMatchObject({ done: true, by: "李护士" });

  // Nothing of this is left to other stories.
  for (const a of await booked())
    if (!known.has(a.id))
      await doctor.post(`/api/v1/appointments/${a.id}/cancel`, {
        revision: a.revision,
        reason: "BY_MISTAKE",
      });
});
