/** The forms of follow-up visits: which questions, and the quick answers of each. The words stand in the messages. */
type Quick = "none" | "yes" | "good" | "sometimes" | "poor" | "normal" | "better" | "worse";

const has: Quick[] = ["none", "yes"];
const regular: Quick[] = ["good", "sometimes", "poor"];
const course: Quick[] = ["normal", "better", "worse"];

export const templates = {
  HYPERTENSION: [
    { key: "symptom", quick: has },
    { key: "salt", quick: course },
    { key: "adherence", quick: regular },
    { key: "selfcheck", quick: regular },
  ],
  DIABETES: [
    { key: "symptom", quick: has },
    { key: "diet", quick: course },
    { key: "adherence", quick: regular },
    { key: "foot", quick: course },
  ],
  COPD: [
    { key: "symptom", quick: course },
    { key: "inhaler", quick: regular },
    { key: "oxygen", quick: regular },
    { key: "smoking", quick: has },
  ],
  STROKE: [
    { key: "symptom", quick: has },
    { key: "limb", quick: course },
    { key: "swallow", quick: course },
    { key: "rehab", quick: regular },
  ],
  PRESSURE_INJURY: [
    { key: "site", quick: course },
    { key: "wound", quick: course },
    { key: "turning", quick: regular },
    { key: "nutrition", quick: course },
  ],
  PALLIATIVE: [
    { key: "pain", quick: course },
    { key: "breath", quick: course },
    { key: "appetite", quick: course },
    { key: "family", quick: course },
  ],
} satisfies Record<string, { key: string; quick: Quick[] }[]>;

export type Template = keyof typeof templates;

/** What is taken along: always, and for each plan that a visit serves. */
type Thing =
  | "bp"
  | "thermometer"
  | "oximeter"
  | "glucose"
  | "scales"
  | "dressing"
  | "peakflow"
  | "footcheck"
  | "pain"
  | "hygiene";

const usual: Thing[] = ["bp", "thermometer", "oximeter", "hygiene"];
const things: Record<string, Thing[]> = {
  DIABETES: ["glucose", "footcheck"],
  HEART_FAILURE: ["scales"],
  COPD: ["peakflow"],
  PRESSURE_INJURY: ["dressing"],
  PALLIATIVE: ["pain"],
};

export function bringFor(plans: readonly string[]): Thing[] {
  return [...new Set([...plans.flatMap((plan) => things[plan] ?? []), ...usual])];
}
