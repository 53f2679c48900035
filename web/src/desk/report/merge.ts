import type { Schemas } from "../../api";

export type ReportContent = Schemas["ReportContent"];
export type Field = keyof ReportContent;

export const fields: readonly Field[] = [
  "examined",
  "examination",
  "assessment",
  "diagnoses",
  "advice",
  "outcome",
  "referral",
  "followUpOn",
  "limits",
  "note",
];

type AdviceInput = NonNullable<ReportContent["advice"]>[number];

/** An item as it is sent: nothing empty, and of what is no drug neither dose nor route. */
function tidyItem({ kind, text, dose, route, frequency, days }: AdviceInput): AdviceInput {
  const drug = kind === "DRUG";
  return {
    kind,
    text,
    ...(drug && dose?.trim() ? { dose: dose.trim() } : {}),
    ...(drug && route ? { route } : {}),
    ...(frequency ? { frequency } : {}),
    ...(days ? { days } : {}),
  };
}

/** What the server takes: empty values are left out, and so are diagnoses without a word. */
export function tidy(content: ReportContent): ReportContent {
  const out: ReportContent = {};
  if (content.examined?.length) out.examined = content.examined;
  if (content.examination) out.examination = content.examination;
  if (content.assessment) out.assessment = content.assessment;
  const diagnoses = content.diagnoses?.filter((d) => d.text.trim() !== "");
  if (diagnoses?.length) out.diagnoses = diagnoses;
  if (content.advice?.length) out.advice = content.advice.map(tidyItem);
  if (content.outcome) out.outcome = content.outcome;
  const { destination, within, note } = content.referral ?? {};
  if (destination || within || note?.trim())
    out.referral = {
      ...(destination ? { destination } : {}),
      ...(within ? { within } : {}),
      ...(note?.trim() ? { note } : {}),
    };
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
