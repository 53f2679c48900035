import { randomUUID } from "node:crypto";
import type { Client, Schemas } from "./Client";
import { giveConsent, newResident } from "./residents";

export type Consultation = Schemas["Consultation"];

const path = (id: string) => `/api/v1/consultations/${id}`;

export function read(client: Client, id: string): Promise<Consultation> {
  return client.get(path(id));
}

interface RequestOptions {
  /** a fresh one unless given */
  residentId?: string;
  reasons?: string[];
  complaint?: string;
  readings?: Schemas["VitalInput"][];
  /** code; what the reasons propose unless given */
  department?: string;
  /** whose department is asked, instead */
  of?: Client;
}

/** A draft for a resident of its own. */
export async function newDraft(
  nurse: Client,
  { residentId, reasons = ["OTHER"], complaint, readings }: RequestOptions = {},
): Promise<Consultation> {
  const draft = await nurse.post<Consultation>("/api/v1/consultations", {
    id: randomUUID(),
    residentId: residentId ?? (await newResident(nurse)).card.id,
    reasons,
    redFlags: [],
    ...(complaint ? { complaint } : {}),
  } satisfies Schemas["ConsultationInput"]);
  if (!readings) return draft;
  return nurse.post(`${path(draft.id)}/vitals`, { readings } satisfies Schemas["VitalsInput"]);
}

/** A request that waits for a doctor, with consent. */
export async function newRequest(nurse: Client, options: RequestOptions = {}): Promise<Consultation> {
  const draft = await newDraft(nurse, options);
  if (draft.consentNeeded) await giveConsent(nurse, draft.id);
  const departments = options.department
    ? (await nurse.get<Schemas["Duty"]>("/api/v1/duty")).departments
    : [];
  const departmentId =
    (await options.of?.me())?.memberships.find(({ role }) => role === "CONSULTANT")?.departmentId ??
    departments.find(({ code }) => code === options.department)?.departmentId;
  return nurse.post(`${path(draft.id)}/submit`, {
    urgency: draft.urgencyProposed,
    ...(departmentId ? { departmentId } : {}),
  } satisfies Schemas["SubmitRequest"]);
}

export async function claim(doctor: Client, id: string): Promise<Consultation> {
  const { epoch } = await read(doctor, id);
  return doctor.post(`${path(id)}/claim`, { epoch } satisfies Schemas["EpochRequest"]);
}

/** The states in which a doctor is taken. */
const taken = new Set(["ACCEPTED", "WAITING", "IN_PROGRESS", "ABORTED_TECH"]);

/** Ends whatever the doctor is in, so that the doctor is free for the next test. */
export async function freeDoctor(doctor: Client): Promise<void> {
  const { mine } = await doctor.get<Schemas["Queue"]>("/api/v1/queue");
  for (const item of mine.filter(({ state }) => taken.has(state))) {
    const { actions, epoch } = await read(doctor, item.id);
    if (actions.includes("finishConsultation"))
      await doctor.post(`${path(item.id)}/finish`, { epoch } satisfies Schemas["EpochRequest"]);
    else if (actions.includes("releaseConsultation"))
      await doctor.post(`${path(item.id)}/release`, {
        epoch,
        reason: "OTHER",
      } satisfies Schemas["EpochReasonRequest"]);
  }
}

/** Takes back what waits for a doctor or was only begun, so that the next test finds an empty queue. */
export async function clearQueue(nurse: Client): Promise<void> {
  const { active } = await nurse.get<Schemas["Worklist"]>("/api/v1/worklist");
  for (const row of active) {
    const { actions } = await read(nurse, row.id);
    if (actions.includes("cancelConsultation"))
      await nurse.post(`${path(row.id)}/cancel`, { reason: "BETTER" } satisfies Schemas["ReasonRequest"]);
  }
}
