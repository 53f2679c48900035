import { expect } from "@playwright/test";
import { type Client, Refused, type Schemas } from "./Client";

/** Today in Shanghai. */
const today = () => dayOf(new Date());

function dayOf(at: Date): string {
  return new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** In which a visit is still to be made or to be signed. */
const unfinished = ["REQUESTED", "ASSESSED", "BOOKED", "EN_ROUTE", "ARRIVED", "LEFT"];

/** A visit of the doctor to one of these people, booked for a quarter of an hour from now: in the evening and on Sundays, too. */
export async function bookedVisit(
  nurse: Client,
  doctor: Client,
  residents: string[],
): Promise<Schemas["Visit"]> {
  const cards = await nurse.get<Schemas["ResidentCard"][]>("/api/v1/residents");
  // Two visits within a day do not both count.
  const done = await doctor.get<Schemas["VisitPage"]>(
    `/api/v1/visits?states=DONE&from=${today()}&to=${today()}`,
  );
  const card = cards.find(
    (c) => residents.includes(c.name) && !done.visits.some((v) => v.residentId === c.id),
  );
  if (!card) throw new Error(`nobody of ${residents.join(", ")} is to be visited today`);
  const { visits } = await doctor.get<Schemas["VisitPage"]>(
    `/api/v1/visits?residentId=${card.id}&${unfinished.map((state) => `states=${state}`).join("&")}`,
  );
  let visit = visits.find((v) => v.kind === "HOME_VISIT");
  if (visit && ["EN_ROUTE", "ARRIVED", "LEFT"].includes(visit.state)) {
    await end(doctor, visit);
    visit = undefined;
  }
  visit ??= await doctor.post<Schemas["Visit"]>("/api/v1/visits", {
    residentId: card.id,
    kind: "HOME_VISIT",
    source: "PLAN",
    reason: "心衰随访：水肿、体重、用药",
    plans: ["HEART_FAILURE"],
    wantedFrom: today(),
    wantedTo: today(),
  });
  if (visit.state === "REQUESTED")
    visit = await doctor.post<Schemas["Visit"]>(`/api/v1/visits/${visit.id}/assessment`, {
      eligibility: ["AGED", "CHRONIC"],
    });
  const { organisationId } = visit;
  // One that an earlier test has booked for today serves as well.
  if (visit.state === "BOOKED" && visit.startsAt && dayOf(new Date(visit.startsAt)) === today()) return visit;
  const kinds = await doctor.get<Schemas["AppointmentKind"][]>("/api/v1/appointment-kinds");
  const kind = kinds.find((k) => k.place === "HOME" && k.mayBook && k.organisationId === organisationId);
  if (!kind) throw new Error("the demo offers no visits at home");
  const me = await doctor.me();
  const quarter = 15 * 60_000;
  let at = Math.ceil((Date.now() + quarter) / quarter) * quarter;
  const book = () =>
    doctor.post<Schemas["Appointment"]>("/api/v1/appointments", {
      kindId: kind.id,
      practitionerId: me.id,
      residentId: card.id,
      startsAt: new Date(at).toISOString(),
      outsideHours: true,
      travelBeforeMinutes: 0,
      travelAfterMinutes: 0,
    });
  let appointment: Schemas["Appointment"] | undefined;
  for (let tries = 0; !appointment; tries++) {
    try {
      appointment = await book();
    } catch (error) {
      // Somebody is visited then already.
      if (!(error instanceof Refused) || error.status !== 409 || tries > 12) throw error;
      at += quarter;
    }
  }
  visit = await doctor.post<Schemas["Visit"]>(`/api/v1/visits/${visit.id}/booking`, {
    appointmentId: appointment.id,
  });
  expect(visit.state).toBe("BOOKED");
  return visit;
}

/** Ends a visit that a test has left on its way. */
async function end(doctor: Client, visit: Schemas["Visit"]): Promise<void> {
  const path = `/api/v1/visits/${visit.id}`;
  if (visit.state !== "LEFT") {
    await doctor.post(`${path}/step`, { action: "NOT_DONE", code: "OTHER", words: "另约时间" });
    return;
  }
  const content = { findings: "平稳", done: "测量血压", outcome: "CONTINUE" };
  const { recordRevision } = await doctor.get<Schemas["Visit"]>(path);
  const { recordRevision: revision } = await doctor.post<Schemas["Visit"]>(`${path}/record`, {
    revision: recordRevision,
    content,
  });
  await doctor.post(`${path}/sign`, { revision, password: doctor.password });
}
