import { randomUUID } from "node:crypto";
import type { Client, Schemas } from "./Client";
import { giveConsent, newResident } from "./residents";

export type Consultation = Schemas["Consultation"];

const path = (id: string) => `/api/v1/consultations/${id}`;

export function read(client: Client, id: string): Promise<Consultation> {
  return client.get(path(id));
}

/** A draft for a resident of its own. */
export async function newDraft(
  nurse: Client,
  { residentId, reasons = ["OTHER"] }: { residentId?: string; reasons?: string[] } = {},
): Promise<Consultation> {
  const id = residentId ?? (await newResident(nurse)).card.id;
  return nurse.post("/api/v1/consultations", {
    id: randomUUID(),
    residentId: id,
    reasons,
    redFlags: [],
  } satisfies Schemas["ConsultationInput"]);
}

/** A request that waits for a doctor, with consent, for a resident of its own. */
export async function newRequest(nurse: Client, options: { reasons?: string[] } = {}): Promise<Consultation> {
  const draft = await newDraft(nurse, options);
  await giveConsent(nurse, draft.id);
  return nurse.post(`${path(draft.id)}/submit`, {
    urgency: draft.urgencyProposed,
  } satisfies Schemas["SubmitRequest"]);
}

export async function claim(doctor: Client, id: string): Promise<Consultation> {
  const { epoch } = await read(doctor, id);
  return doctor.post(`${path(id)}/claim`, { epoch } satisfies Schemas["EpochRequest"]);
}

/** Takes whatever the test left open away, so that the next test finds its doctors free. */
export async function settle(nurse: Client, doctor: Client | undefined, id: string): Promise<void> {
  const { actions } = await read(nurse, id);
  if (actions.includes("cancelConsultation")) {
    await nurse.post(`${path(id)}/cancel`, { reason: "BETTER" } satisfies Schemas["ReasonRequest"]);
    return;
  }
  if (!doctor) return;
  const theirs = await read(doctor, id);
  if (theirs.actions.includes("finishConsultation"))
    await doctor.post(`${path(id)}/finish`, { epoch: theirs.epoch } satisfies Schemas["EpochRequest"]);
}
