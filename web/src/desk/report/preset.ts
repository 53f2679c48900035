import type { Consultation } from "../../api";
import type { ReportContent } from "./merge";

/**
 * With what a report begins, so that nothing is asked twice: what was examined follows from how it was asked and what the nurse
 * entered, and a termination has already said where the resident goes.
 */
export function presetOf(
  c: Pick<Consultation, "mode" | "vitals" | "photos" | "termination">,
  limits: string,
): ReportContent {
  const video = c.mode !== "WRITTEN";
  const examined = [
    ...(video ? ["HISTORY", "INSPECTION"] : ["CARER"]),
    ...(c.vitals.length > 0 ? ["VITALS"] : []),
    ...(c.photos.length > 0 ? ["PHOTOS"] : []),
  ];
  const { termination } = c;
  return {
    limits,
    examined,
    ...(termination
      ? {
          referral: {
            destination: termination.destination,
            within: termination.goWithin,
            ...(termination.place ? { note: termination.place } : {}),
          },
        }
      : {}),
  };
}

/** Outcomes that send the resident elsewhere: then where to and by when is part of the opinion. */
const elsewhere = new Set(["REFER_UP", "FACE_TO_FACE", "EMERGENCY", "UNSUITABLE"]);

export function leadsElsewhere(outcome: string | undefined): boolean {
  return outcome !== undefined && elsewhere.has(outcome);
}
