import type { Client, Schemas } from "./Client";
import { claim, type Consultation, newDraft, read } from "./consultations";
import { giveConsent } from "./residents";
import { demoPassword } from "./settings";

/** A question in writing that a doctor has answered and signed, all by the contract: the shortest way to a record that is judged. */
export async function answeredInWriting(
  nurse: Client,
  doctor: Client,
  assessment: string,
  residentId?: string,
): Promise<Consultation> {
  const draft = await newDraft(nurse, {
    complaint: "近一周晨起血压偏高",
    ...(residentId ? { residentId } : {}),
  });
  const path = `/api/v1/consultations/${draft.id}`;
  if (draft.consentNeeded) await giveConsent(nurse, draft.id);
  const departmentId = (await doctor.me()).memberships.find(
    ({ role }) => role === "CONSULTANT",
  )?.departmentId;
  await nurse.post(`${path}/submit`, {
    urgency: "ROUTINE",
    mode: "WRITTEN",
    ...(departmentId ? { departmentId } : {}),
  } satisfies Schemas["SubmitRequest"]);
  await claim(doctor, draft.id);
  const { epoch } = await read(doctor, draft.id);
  const kept = await doctor.put<Schemas["ReportDraft"]>(`${path}/report-draft`, {
    epoch,
    revision: 0,
    content: {
      examined: ["HISTORY"],
      limits: "未能听诊",
      assessment,
      diagnoses: [{ code: "I10", text: "原发性高血压", certainty: "CONFIRMED" }],
      advice: [{ kind: "NURSING", text: "每日早晚测血压并记录。" }],
      outcome: "OBSERVE",
      followUpOn: new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10),
    },
  } satisfies Schemas["ReportDraftInput"]);
  await doctor.post(`${path}/report`, {
    epoch,
    revision: kept.revision,
    password: demoPassword,
  } satisfies Schemas["SignReportRequest"]);
  return read(nurse, draft.id);
}

/** The attending doctor takes over all of what was advised. */
export async function adoptAll(attending: Client, id: string): Promise<void> {
  const c = await read(attending, id);
  const report = c.reports.at(-1);
  await attending.post(`/api/v1/consultations/${id}/adoption`, {
    reportId: report?.id ?? "",
    items: c.advice.map(({ id: adviceId }) => ({ adviceId, decision: "ADOPTED" as const })),
    password: demoPassword,
  } satisfies Schemas["AdoptionInput"]);
}
