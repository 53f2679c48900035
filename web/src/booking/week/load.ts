import type { Appointment } from "../AppointmentDialog";
import type { Due } from "./DueList";
import { placeOf } from "./grid";
import type { Thing } from "./useCarry";

/** What is carried over the week: an appointment to another time, or somebody who is to be booked. */
export interface Load extends Thing {
  name: string;
  kindId: string;
  practitionerId: string;
  residentId: string;
  /** minutes that are taken before and after the visit: travel, preparation, writing up */
  before: number;
  after: number;
  step: number;
  appointment?: Appointment;
  due?: Due;
}

/** An appointment as something to carry. */
export function loadOf(a: Appointment): Load {
  const [lead] = a.staff;
  const gap = (from: string | undefined, to: string | undefined) =>
    from && to ? Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 60_000)) : 0;
  return {
    key: a.id,
    name: a.residentName,
    length: gap(a.startsAt, a.endsAt),
    at: placeOf(a.startsAt),
    kindId: a.kindId,
    practitionerId: lead?.userId ?? "",
    residentId: a.residentId,
    before: gap(lead?.blockedFrom, a.startsAt),
    after: gap(a.endsAt, lead?.blockedTo),
    step: 10,
    appointment: a,
  };
}
