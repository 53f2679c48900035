import { randomInt, randomUUID } from "node:crypto";
import type { Client, Schemas } from "./Client";
import { signature } from "./png";

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** An invented identity number of a woman born on `day` (YYYYMMDD), with its check digit (GB 11643). */
export function identityNumber(day: string, series = randomInt(1, 499) * 2): string {
  const body = `150102${day}${String(series).padStart(3, "0")}`;
  const sum = weights.reduce((n, weight, i) => n + weight * Number(body[i]), 0);
  return body + "10X98765432"[sum % 11];
}

/** What a form needs, valid in every field. */
export function residentInput(changes: Partial<Schemas["ResidentInput"]> = {}): Schemas["ResidentInput"] {
  // A day of birth of its own, so that the number is free however often the tests run on one database.
  const day = new Date(Date.UTC(1930, 0, 1) + randomInt(0, 7000) * 86_400_000).toISOString().slice(0, 10);
  return {
    name: "测试老人",
    idType: "01",
    identityNumber: identityNumber(day.replaceAll("-", "")),
    sex: "2",
    birthDate: day,
    ward: "测试区",
    bed: `T-${randomUUID().slice(0, 6)}`,
    capacity: "FULL",
    admittedOn: "2025-03-01",
    ...changes,
  };
}

/** A resident of the nurse's institution who belongs to one test alone; the bed names her. */
export function newResident(
  nurse: Client,
  changes?: Partial<Schemas["ResidentInput"]>,
): Promise<Schemas["Resident"]> {
  return nurse.post("/api/v1/residents", residentInput(changes));
}

/** Whether the resident's institution finds her by the bed; the way to see that nothing was stored. */
export async function hasBed(nurse: Client, bed: string): Promise<boolean> {
  const cards = await nurse.get<Schemas["ResidentCard"][]>("/api/v1/residents");
  return cards.some((card) => card.bed === bed);
}

/** Signs the consent of a consultation's resident. */
export async function giveConsent(nurse: Client, consultationId: string): Promise<Schemas["Consultation"]> {
  const text = await nurse.get<Schemas["ConsentText"]>("/api/v1/consent-text?locale=zh-CN");
  return nurse.post(`/api/v1/consultations/${consultationId}/consent`, {
    signerKind: "SELF",
    textVersion: text.version,
    textHash: text.hash,
    locale: "zh-CN",
    ticks: text.ticks.filter((tick) => tick.required).map((tick) => tick.code),
    signaturePng: signature(),
  } satisfies Schemas["ConsentInput"]);
}
