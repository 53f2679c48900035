import { expect } from "@playwright/test";
import type { Client, Schemas } from "./Client";

/** Today in Shanghai. */
export function today(): string {
  return new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** A visit of the doctor to somebody, booked for a quarter of an hour from now: in the evening and on Sundays, too. */
export async function bookedVisit(
  nurse: Client,
  doctor: Client,
  resident: string,
): Promise<Schemas["Visit"]> {
  const cards = await nurse.get<Schemas["ResidentCard"][]>("/api/v1/residents");
  const card = cards.find((c) => c.name === resident);
  if (!card) throw new Error(`the demo has no ${resident}`);
  const open = await doctor.get<Schemas["VisitPage"]>(
    `/api/v1/visits?residentId=${card.id}&states=REQUESTED,ASSESSED,BOOKED`,
  );
  let visit = open.visits.find((v) => v.kind === "HOME_VISIT");
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
  const kinds = await doctor.get<Schemas["AppointmentKind"][]>("/api/v1/appointment-kinds");
  const kind = kinds.find((k) => k.place === "HOME" && k.mayBook && k.organisationId === organisationId);
  if (!kind) throw new Error("the demo offers no visits at home");
  const me = await doctor.me();
  const quarter = 15 * 60_000;
  const startsAt = new Date(Math.ceil((Date.now() + quarter) / quarter) * quarter).toISOString();
  const appointment = await doctor.post<Schemas["Appointment"]>("/api/v1/appointments", {
    kindId: kind.id,
    practitionerId: me.id,
    residentId: card.id,
    startsAt,
    outsideHours: true,
    travelBeforeMinutes: 0,
    travelAfterMinutes: 0,
  });
  visit = await doctor.post<Schemas["Visit"]>(`/api/v1/visits/${visit.id}/booking`, {
    appointmentId: appointment.id,
  });
  expect(visit.state).toBe("BOOKED");
  return visit;
}
