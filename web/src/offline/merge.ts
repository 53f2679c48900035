import type { Schemas } from "../api/types";

export type Content = Schemas["VisitRecordContent"];

/** A part of a record that can be decided about by itself: a field, one reading, one answer. */
export interface Part {
  /** `findings`, `vitals/SBP`, `answers/salt` */
  key: string;
  base: unknown;
  mine: unknown;
  theirs: unknown;
  /** which one is taken unless the person says otherwise; undefined: both were changed, and the person has to say */
  proposed: "mine" | "theirs" | undefined;
}

type Flat = Map<string, unknown>;

/**
 * What differs between my record and theirs, part by part, with the version that both began from: what only one side changed
 * is proposed from that side, what both changed is asked.
 */
export function differences(base: Content, mine: Content, theirs: Content): Part[] {
  const [b, m, t] = [flat(base), flat(mine), flat(theirs)];
  const parts: Part[] = [];
  for (const key of new Set([...m.keys(), ...t.keys(), ...b.keys()])) {
    const [of, my, their] = [b.get(key), m.get(key), t.get(key)];
    if (same(my, their)) continue;
    const proposed = same(their, of) ? "mine" : same(my, of) ? "theirs" : undefined;
    parts.push({ key, base: of, mine: my, theirs: their, proposed });
  }
  return parts.toSorted((a, b2) => Number(a.proposed !== undefined) - Number(b2.proposed !== undefined));
}

/** The record that the choices make; a part without a choice stays mine. */
export function merged(mine: Content, theirs: Content, choice: (key: string) => "mine" | "theirs"): Content {
  const [m, t] = [flat(mine), flat(theirs)];
  const out: Flat = new Map();
  for (const key of new Set([...m.keys(), ...t.keys()])) {
    const value = (choice(key) === "theirs" ? t : m).get(key);
    if (value !== undefined) out.set(key, value);
  }
  return whole(out);
}

function flat(of: Content): Flat {
  const out: Flat = new Map();
  for (const [key, value] of Object.entries(of)) {
    if (key === "vitals") for (const vital of of.vitals ?? []) out.set(`vitals/${vital.code}`, vital);
    else if (key === "answers")
      for (const [question, answer] of Object.entries(of.answers ?? {}))
        out.set(`answers/${question}`, answer);
    else if (!empty(value)) out.set(key, value);
  }
  return out;
}

function whole(parts: Flat): Content {
  const out: Record<string, unknown> = {};
  const vitals: unknown[] = [];
  const answers: Record<string, unknown> = {};
  for (const [key, value] of parts) {
    const [list, name = ""] = key.split("/");
    if (list === "vitals") vitals.push(value);
    else if (list === "answers") answers[name] = value;
    else out[key] = value;
  }
  if (vitals.length > 0) out["vitals"] = vitals;
  if (Object.keys(answers).length > 0) out["answers"] = answers;
  return out as Content;
}

function empty(value: unknown): boolean {
  return (
    value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)
  );
}

/** Readings are the same when they say the same, whenever they were taken. */
function same(a: unknown, b: unknown): boolean {
  return words(a) === words(b);
}

function words(value: unknown): string {
  if (empty(value)) return "";
  if (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    ("value" in value || "qualifier" in value)
  ) {
    const { code, value: number, qualifier } = value as Record<string, unknown>;
    return JSON.stringify([code, number ?? null, qualifier ?? null]);
  }
  return JSON.stringify(value);
}
