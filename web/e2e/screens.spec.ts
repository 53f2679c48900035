import { expectMedia } from "./support/call";
import type { Client, Schemas } from "./support/Client";
import { claim, newDraft, newRequest, read } from "./support/consultations";
import { dayOf } from "./support/days";
import { inspect, turnTo } from "./support/screens";
import { address, patience } from "./support/settings";
import { chooseLanguage, expect, type Open, test } from "./support/test";
import { word } from "./support/words";

/** A demo resident who has no open request. */
async function freeResident(nurse: Client, ...names: string[]): Promise<string> {
  const cards = await nurse.get<Schemas["ResidentCard"][]>("/api/v1/residents");
  const card = cards.find(({ name, openConsultationId }) => names.includes(name) && !openConsultationId);
  if (!card) throw new Error(`none of ${names.join()} is free`);
  return card.id;
}

async function available(open: Open, doctor: string): Promise<void> {
  const { page } = await open(doctor);
  await page.getByRole("button", { name: word("可接诊") }).click();
  await expect(page.getByRole("button", { name: word("可接诊") })).toHaveAttribute("aria-pressed", "true");
}

const breathless = {
  reasons: ["BREATH"],
  complaint: "午饭后气短，双踝浮肿，平卧时加重。",
  readings: [
    { code: "SPO2", value: 91 },
    { code: "PULSE", value: 104 },
    { code: "RESP", value: 23 },
    { code: "SBP", value: 148 },
    { code: "DBP", value: 86 },
    { code: "TEMP", value: 36.7 },
  ],
};

for (const language of ["zh-CN", "en"] as const) {
  const goTo = (path: string) => ({ language, path });

  test.describe(`in ${language}`, () => {
    test.describe.configure({ timeout: 300_000 });

    test(`administration and supervision (${language})`, async ({ as, open }) => {
      const admin = await open("admin.sun", goTo("/log"));
      await inspect(admin.page, "admin-log", language, { publish: true });
      const log = await as("admin.sun").get<Schemas["LogPage"]>("/api/v1/consultations?state=ARCHIVED");
      await turnTo(admin.page, `/consultations/${log.rows[0]?.id}`);
      await inspect(admin.page, "admin-record", language);
      for (const name of [
        "goals",
        "goals/calendar",
        "goals/returns",
        "goals/self-check",
        "goals/rectifications",
        "goals/imports",
        "roster",
        "rules",
        "quality",
        "referrals",
        "sealed",
        "people",
        "system",
        "channels",
        "security",
        "invitations",
        "notifications",
      ]) {
        await turnTo(admin.page, `/${name}`);
        await inspect(admin.page, `admin-${name.replace("/", "-")}`, language);
      }
      for (const tab of ["log", "emergency", "residents"]) {
        await turnTo(admin.page, `/accesses?tab=${tab}`);
        await inspect(admin.page, `admin-accesses-${tab}`, language);
      }
      const doctor = await open("dr.wang", goTo("/emergency-access"));
      await inspect(doctor.page, "emergency-access", language);
      await turnTo(admin.page, "/check");
      await inspect(admin.page, "check-print", language);
      await turnTo(admin.page, "/nowhere");
      await inspect(admin.page, "not-found", language);
      const authority = await open("county.bai", goTo("/goals"));
      await inspect(authority.page, "authority-goals", language);
      await turnTo(authority.page, "/goals/facts?kind=Y&base=RESIDENTS_ASSESSED");
      await inspect(authority.page, "authority-facts", language);
      await turnTo(authority.page, "/goals/samples");
      await inspect(authority.page, "authority-samples", language);
      for (const [who, name] of [
        ["league.ao", "league-goals"],
        ["region.sa", "region-goals"],
        ["qc.tong", "quality-control"],
        ["complaints.yu", "complaints"],
        ["rx.ding", "prescriptions"],
        ["audit.lu", "audit"],
      ] as const) {
        const { page } = await open(who, { language });
        await inspect(page, name, language);
      }
      const system = await open("sys", goTo("/system"));
      await inspect(system.page, "system-organisations", language);
      await turnTo(system.page, "/system?tab=expiries");
      await inspect(system.page, "system-expiries", language);
      await turnTo(system.page, "/system");
      await system.page.getByRole("button", { name: "阳光颐养院" }).click();
      await expect(system.page.getByRole("dialog")).toBeVisible();
      await inspect(system.page, "system-organisation", language);
      for (const name of ["rules", "codes"]) {
        await turnTo(system.page, `/${name}`);
        await inspect(system.page, `system-${name}`, language);
      }
    });

    test(`the nurse's screens (${language})`, async ({ as, open }) => {
      const nurseApi = as("nurse.li");
      const publish = language === "zh-CN";
      await available(open, "dr.wang");
      const { page } = await open("nurse.li", { language });
      // The list of who is on duty changes as doctors come; the picture shows one who is there.
      await expect(page.getByText("王医生").first()).toBeVisible({ timeout: patience });
      await inspect(page, "nurse-home", language, { publish });

      const residentId = await freeResident(nurseApi, "王德顺", "刘玉珍", "马凤霞");
      await turnTo(page, `/ward/residents/${residentId}`);
      await inspect(page, "nurse-resident", language);
      await turnTo(page, `/ward/residents/${residentId}/care`);
      await inspect(page, "nurse-care-file", language);
      await turnTo(page, "/referrals");
      await inspect(page, "nurse-referrals", language);
      await turnTo(page, "/quality");
      await inspect(page, "nurse-quality", language);
      const [booked] = await nurseApi.get<Schemas["Appointment"][]>(
        `/api/v1/appointments?from=${new Date().toISOString()}&to=${new Date(Date.now() + 21 * 86_400_000).toISOString()}`,
      );
      await turnTo(page, `/prepare?day=${booked ? dayOf(booked.startsAt) : ""}`);
      await inspect(page, "nurse-prepare", language);
      await turnTo(page, "/appointments");
      await inspect(page, "nurse-appointments", language);
      await turnTo(page, "/reminders");
      await inspect(page, "nurse-reminders", language);
      await turnTo(page, "/rounds");
      await inspect(page, "nurse-rounds", language);
      await turnTo(page, "/rounds/new");
      await inspect(page, "nurse-round-plan", language);
      await turnTo(page, "/ward/residents/new");
      await inspect(page, "nurse-resident-new", language);
      await turnTo(page, `/ward/residents/${residentId}/request`);
      await inspect(page, "nurse-reason", language);

      const draft = await newDraft(nurseApi, { residentId, reasons: ["BREATH"] });
      await turnTo(page, `/ward/requests/${draft.id}?step=vitals`);
      await inspect(page, "nurse-vitals", language);
      await page.goto(`/ward/requests/${draft.id}?emergency=1`);
      await expect(page.getByRole("dialog")).toBeVisible();
      await inspect(page, "nurse-emergency", language);
      await page.goto(`/ward/requests/${draft.id}?step=call`);
      await inspect(page, "nurse-call-step", language);

      const other = await newDraft(nurseApi);
      await page.goto(`/ward/requests/${other.id}?step=call`);
      await page
        .getByRole("button", { name: word("签知情同意") })
        .or(page.getByRole("button", { name: /consent/i }))
        .first()
        .click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await inspect(page, "nurse-consent", language);

      const request = await newRequest(nurseApi, {
        ...breathless,
        of: as("dr.wang"),
        residentId: await freeResident(nurseApi, "马凤霞", "刘玉珍", "张桂兰"),
      });
      await page.goto(`/ward/requests/${request.id}`);
      await expect(page.getByRole("status").filter({ hasText: "王医生" }).first()).toBeVisible({
        timeout: patience,
      });
      await inspect(page, "nurse-waiting", language, { publish });
    });

    test(`family doctors (${language})`, async ({ as, open }) => {
      const api = as("dr.su");
      const contracts = await api.get<Schemas["FdContract"][]>("/api/v1/fd-contracts");
      const [recall] = await api.get<Schemas["Recall"][]>("/api/v1/recalls");
      const signed = contracts.find((c) => c.state === "EXPIRING");
      const draft = contracts.find((c) => c.state === "DRAFT");
      const { visits } = await api.get<Schemas["VisitPage"]>("/api/v1/visits");
      const toBook = visits.find((v) => v.state === "REQUESTED");
      const { page } = await open("dr.su", goTo("/panel"));
      await inspect(page, "family-panel", language);
      for (const [name, path] of [
        ["contracts", "/contracts"],
        ["coverage", "/contracts?tab=coverage"],
        ["contract", `/contracts/${signed?.id}`],
        ["resident", `/panel/residents/${signed?.residentId}`],
        ["recall", `/recalls/${recall?.id}`],
        ["visits", "/visits"],
        ["visit", `/visits/${toBook?.id}`],
        ["day-sheet", "/day-sheet"],
        ["to-send", "/to-send"],
        ["home-beds", "/home-beds"],
        ["appointments", "/appointments"],
        ["booking", `/booking/new?resident=${toBook?.residentId}&place=HOME`],
        ["hours", "/hours"],
        ["bulk", `/panel/book?resident=${signed?.residentId}&resident=${toBook?.residentId}`],
        ["waiting", "/waiting-list"],
        ["feeds", "/calendar-feeds"],
      ] as const) {
        await turnTo(page, path);
        await inspect(page, `family-${name}`, language);
      }
      if (draft) {
        await turnTo(page, `/contracts/${draft.id}`);
        await page.getByRole("button", { name: language === "en" ? "Sign" : "签署", exact: true }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await inspect(page, "family-sign", language);
      }
      const admin = await open("admin.fang", goTo("/contracts?tab=teams"));
      await inspect(admin.page, "family-teams", language);
      await turnTo(admin.page, "/contracts?tab=intervals");
      await inspect(admin.page, "family-intervals", language);
      for (const name of ["appointment-kinds", "appointment-figures", "reminder-settings", "visit-alarms"]) {
        await turnTo(admin.page, `/${name}`);
        await inspect(admin.page, `family-${name}`, language);
      }
      const authority = await open("county.bai", goTo("/goals/coverage?kind=Q"));
      await inspect(authority.page, "family-elders", language);
    });

    test(`the call on both sides (${language})`, async ({ as, open }) => {
      const nurseApi = as("nurse.li");
      const publish = language === "zh-CN";
      const { id } = await newRequest(nurseApi, {
        ...breathless,
        of: as("dr.wang"),
        residentId: await freeResident(nurseApi, "王德顺", "刘玉珍", "马凤霞"),
      });
      await claim(as("dr.wang"), id);
      const doctor = await open("dr.wang", goTo(`/work/${id}`));
      const nurse = await open("nurse.li", goTo(`/ward/requests/${id}/call`));
      await expectMedia(nurse.page, "nurse");
      await expectMedia(doctor.page, "doctor");
      await inspect(nurse.page, "nurse-call", language, { publish });
      await inspect(doctor.page, "doctor-call", language, { publish });
      await doctor.page.getByRole("tab").nth(3).click();
      await inspect(doctor.page, "doctor-call-report", language);

      // The nurse reads the advice back while both are on the line; the doctor may give the call to a colleague.
      const api = as("dr.wang");
      await expect
        .poll(async () => (await read(api, id)).actions, { timeout: patience })
        .toContain("askReadBack");
      await api.post(`/api/v1/consultations/${id}/read-backs`, {
        epoch: (await read(api, id)).epoch,
        items: [
          { kind: "DRUG", text: "呋塞米", dose: "20 mg", route: "ORAL", frequency: "QD", days: 3 },
          { kind: "NURSING", text: "测血氧饱和度", frequency: "QID" },
        ],
      } satisfies Schemas["ReadBackRequest"]);
      await expect(nurse.page.getByText(/呋塞米 20 mg/)).toBeVisible({ timeout: patience });
      await inspect(nurse.page, "nurse-read-back", language);
      await doctor.page.getByRole("tab").nth(2).click();
      await inspect(doctor.page, "doctor-read-back", language);
      await doctor.page
        .getByRole("button", { name: word(language === "en" ? "More" : "更多") })
        .last()
        .click();
      await doctor.page
        .getByRole("menuitem", { name: language === "en" ? "Give to a colleague" : "交给同事" })
        .click();
      await expect(doctor.page.getByRole("dialog").getByRole("radio").first()).toBeVisible({
        timeout: patience,
      });
      await inspect(doctor.page, "doctor-give-over", language);
      await doctor.page.keyboard.press("Escape");
      await expect(doctor.page.getByRole("dialog")).toBeHidden();

      // The call is over; the doctor writes, the nurse waits for the opinion.
      await doctor.page
        .getByRole("button", { name: word(language === "en" ? "Finish consultation" : "结束会诊") })
        .click();
      await doctor.page
        .getByRole("dialog")
        .getByRole("button", { name: word(language === "en" ? "Finish consultation" : "结束会诊") })
        .click();
      await expect(doctor.page.locator("#report-assessment")).toBeVisible({ timeout: patience });
      await inspect(doctor.page, "doctor-writing", language);
      await expect(nurse.page).toHaveURL(new RegExp(`/ward/requests/${id}`));
      await inspect(nurse.page, "nurse-after", language);
      await turnTo(nurse.page, `/consultations/${id}/application`);
      await inspect(nurse.page, "application", language);
    });

    test(`the doctors' lists (${language})`, async ({ as, open }) => {
      const nurseApi = as("nurse.li");
      await newRequest(nurseApi, {
        ...breathless,
        of: as("dr.wang"),
        residentId: await freeResident(nurseApi, "王德顺", "刘玉珍"),
      });
      await newRequest(nurseApi, {
        residentId: await freeResident(nurseApi, "乌兰其其格", "何秀英"),
        reasons: ["PAIN"],
        complaint: "右膝疼痛，夜间睡不好。",
        readings: [
          { code: "PAIN", value: 5 },
          { code: "SBP", value: 138 },
          { code: "DBP", value: 80 },
        ],
        of: as("dr.wang"),
      });
      await newRequest(nurseApi, {
        residentId: await freeResident(nurseApi, "马凤霞", "张桂兰"),
        reasons: ["BP_SUGAR"],
        readings: [{ code: "GLU_CAP", value: 13.1 }],
        of: as("dr.wang"),
      });
      const doctor = await open("dr.wang", goTo("/queue"));
      // The press that says so also lets the page ring.
      await doctor.page
        .getByRole("button", { name: word(language === "en" ? "Available" : "可接诊") })
        .click();
      // One request rings a doctor at a time.
      await expect(doctor.page.locator("[data-ringing=true]").first()).toBeVisible({ timeout: patience });
      await inspect(doctor.page, "doctor-queue", language, { publish: true });
      await turnTo(doctor.page, "/follow-ups");
      await inspect(doctor.page, "doctor-follow-ups", language);
      await turnTo(doctor.page, "/roster");
      await inspect(doctor.page, "doctor-roster", language);

      const desk = await open("desk.tao", goTo("/board"));
      await expect(desk.page.locator("li[data-id]").first()).toBeVisible({ timeout: patience });
      await inspect(desk.page, "dispatcher-board", language, { publish: true });

      const attending = await open("dr.chen", goTo("/adopt"));
      await inspect(attending.page, "attending-list", language);
      const { toAdopt } = await as("dr.chen").get<Schemas["Worklist"]>("/api/v1/worklist");
      await turnTo(attending.page, `/adopt/${toAdopt[0]?.id}`);
      await inspect(attending.page, "attending-adopt", language);
    });

    test(`before signing in (${language})`, async ({ browser }) => {
      const context = await browser.newContext({ baseURL: address });
      await context.addInitScript(chooseLanguage, language);
      const page = await context.newPage();
      await page.goto("/login");
      await inspect(page, "login", language);
      await context.close();
    });
  });
}
