import type { Schemas } from "../../api";

export type ReportContent = Schemas["ReportContent"];
export type Field = keyof ReportContent;

export const fields: readonly Field[] = [
  "assessment",
  "diagnoses",
  "advice",
  "outcome",
  "followUpOn",
  "limits",
  "note",
];

/** What the server takes: empty values are left out, and so are diagnoses without a word. */
export function tidy(content: ReportContent): ReportContent {
  const out: ReportContent = {};
  if (content.assessment) out.assessment = content.assessment;
  const diagnoses = content.diagnoses?.filter((d) => d.text.trim() !== "");
  if (diagnoses?.length) out.diagnoses = diagnoses;
  if (content.advice?.length) out.advice = content.advice;
  if (content.outcome) out.outcome = content.outcome;
  if (content.followUpOn) out.followUpOn = content.followUpOn;
  if (content.limits) out.limits = content.limits;
  if (content.note) out.note = content.note;
  return out;
}

export function sameField(a: ReportContent, b: ReportContent, field: Field): boolean {
  return JSON.stringify(tidy(a)[field] ?? null) === JSON.stringify(tidy(b)[field] ?? null);
}

export function sameContent(a: ReportContent, b: ReportContent): boolean {
  return fields.every((field) => sameField(a, b, field));
}

/**
 * Brings together what was written here and on another page since `base`, the content that both grew from. A field that only
 * one side changed is taken from it. Where both did, ours stays and the field is named in `clashes`.
 */
export function merge(
  base: ReportContent,
  mine: ReportContent,
  theirs: ReportContent,
): { content: ReportContent; clashes: Field[] } {
  const content: ReportContent = { ...mine };
  const clashes: Field[] = [];
  for (const field of fields) {
    if (sameField(mine, theirs, field)) continue;
    if (sameField(mine, base, field)) assign(content, field, theirs);
    else if (!sameField(theirs, base, field)) clashes.push(field);
  }
  return { content, clashes };
}

function assign<F extends Field>(content: ReportContent, field: F, from: ReportContent): void {
  const value = from[field];
  if (value === undefined) delete content[field];
  else content[field] = value;
}
