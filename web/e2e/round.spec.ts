import { expectMedia } from "./support/call";
import type { Schemas } from "./support/Client";
import { read } from "./support/consultations";
import { giveConsent, newResident } from "./support/residents";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";
import { word } from "./support/words";

type Round = Schemas["Round"];

// One call, three residents: the nurse and the doctor go from one to the next without redialling, the one who lacks a consent is passed over,
// and each has a record and seconds of their own.
test("a round goes from resident to resident in one call", async ({ as, open }) => {
  const [nurseApi, doctorApi] = [as("nurse.li"), as("dr.wang")];
  const department = (await doctorApi.me()).memberships.find((m) => m.role === "CONSULTANT");
  const people = [await newResident(nurseApi), await newResident(nurseApi), await newResident(nurseApi)];
  const round = await nurseApi.post<Round>("/api/v1/rounds", {
    organisationId: (await nurseApi.me()).memberships.find((m) => m.role === "NURSE")?.organisationId ?? "",
    doctorId: (await doctorApi.me()).id,
    departmentId: department?.departmentId ?? "",
    startsAt: new Date().toISOString(),
    minutes: 10,
    residents: people.map((p) => ({ residentId: p.card.id })),
  } satisfies Schemas["RoundInput"]);
  const drafts = round.entries.map((e) => e.consultationId ?? "");
  await giveConsent(nurseApi, drafts[0] ?? "");
  await giveConsent(nurseApi, drafts[2] ?? "");
  try {
    const nurse = await open("nurse.li", { path: `/rounds/${round.id}` });
    const doctor = await open("dr.wang", { path: `/rounds/${round.id}` });
    await expect(nurse.page.getByText("现在还不能看：").first()).toBeVisible();
    await nurse.page.getByRole("button", { name: word("到床旁，进入查房") }).click();
    await doctor.page.getByRole("button", { name: word("进入查房") }).click();
    await doctor.page.getByRole("button", { name: /^开始：/ }).click();
    await expectMedia(nurse.page, "nurse");
    const first = await expectMedia(doctor.page, "doctor");
    await expect.poll(async () => (await read(nurseApi, drafts[0] ?? "")).state).toBe("IN_PROGRESS");

    // The next in order lacks a consent: passed over with a reason, then on to the third, by the nurse.
    await nurse.page.getByRole("button", { name: word("查房名单") }).click();
    const list = nurse.page.getByRole("dialog");
    await list
      .getByRole("listitem")
      .nth(1)
      .getByRole("button", { name: word("跳过") })
      .click();
    await nurse.page
      .getByRole("dialog")
      .last()
      .getByRole("button", { name: word("跳过") })
      .click();
    await expect(list.getByText("已跳过")).toBeVisible();
    await list
      .getByRole("button", { name: word("关闭") })
      .last()
      .click();
    await nurse.page.getByRole("button", { name: /^下一位：/ }).click();
    for (const [person, path] of [
      [nurse, `/ward/requests/${drafts[2]}/call`],
      [doctor, `/work/${drafts[2]}`],
    ] as const)
      await expect(person.page).toHaveURL(new RegExp(`${path}$`), { timeout: patience });
    const second = await expectMedia(doctor.page, "doctor with the next resident");
    expect(second.framesDecoded, "the same connection goes on").toBeGreaterThan(first.framesDecoded);
    await expectMedia(nurse.page, "nurse with the next resident");

    await doctor.page.getByRole("button", { name: word("结束查房") }).click();
    await doctor.page
      .getByRole("dialog")
      .getByRole("button", { name: word("结束查房") })
      .click();
    await expect(doctor.page.getByText("查房已结束。")).toBeVisible({ timeout: patience });
    await expect(nurse.page.getByText("查房已结束。")).toBeVisible({ timeout: patience });
    const [one, skipped, three] = [
      await read(nurseApi, drafts[0] ?? ""),
      await read(nurseApi, drafts[1] ?? ""),
      await read(nurseApi, drafts[2] ?? ""),
    ];
    expect([one.state, skipped.state, three.state]).toEqual(["REPORT_PENDING", "DRAFT", "REPORT_PENDING"]);
    const calls = [one, three].map((c) => c.timeline.find((e) => e.type === "FINISH"));
    expect(calls.every(Boolean)).toBe(true);
    // The relay's last count reaches the record a moment after its end.
    for (const { id } of [one, three])
      await expect
        .poll(async () => (await read(nurseApi, id)).effectiveSeconds, {
          message: "seconds of their own",
          timeout: patience,
        })
        .toBeGreaterThan(0);
  } finally {
    const left = await nurseApi.get<Round>(`/api/v1/rounds/${round.id}`);
    if (left.actions.includes("END"))
      await nurseApi.post(`/api/v1/rounds/${round.id}/steps`, { action: "END", currentId: left.currentId });
    else if (left.actions.includes("CANCEL"))
      await nurseApi.post(`/api/v1/rounds/${round.id}/steps`, { action: "CANCEL", reason: "OTHER" });
  }
});
