import type { Schemas, Vital, VitalInput, VitalTerm } from "../../api";

/** What may stand in the place of a number. */
export type Qualifier = Schemas["VitalQualifier"];

/** What the table says about a number that is being typed. The server judges again; this only spares the trip. */
export type Judgement =
  | { kind: "empty" }
  | { kind: "ok"; value: number }
  /** outside the plausible range: is it really so? */
  | { kind: "ask"; value: number }
  /** outside the possible range: refused in place */
  | { kind: "impossible"; value: number };

type Bounds = Pick<VitalTerm, "decimals" | "plausibleLow" | "plausibleHigh" | "possibleLow" | "possibleHigh">;

/** The keys of the number pad. */
export const padKeys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "back"] as const;
export type PadKey = (typeof padKeys)[number];

/** At most this many digits before the point: no vital has more. */
const wholeDigits = 3;

/** What the field shows after a key. Keys that would make no number of this vital change nothing. */
export function press(text: string, key: PadKey, term: Pick<VitalTerm, "decimals">): string {
  if (key === "back") return text.slice(0, -1);
  const [whole = "", part] = text.split(".");
  if (key === ".") {
    if (term.decimals === 0 || part !== undefined) return text;
    return whole === "" ? "0." : `${text}.`;
  }
  if (part !== undefined) return part.length >= term.decimals ? text : text + key;
  if (whole === "0") return key;
  return whole.length >= wholeDigits ? text : text + key;
}

export function judge(text: string, term: Bounds): Judgement {
  if (text === "" || text === ".") return { kind: "empty" };
  const value = Number(text);
  if (Number.isNaN(value)) return { kind: "empty" };
  if (value < term.possibleLow || value > term.possibleHigh) return { kind: "impossible", value };
  if (value < term.plausibleLow || value > term.plausibleHigh) return { kind: "ask", value };
  return { kind: "ok", value };
}

/** The tiles in the order in which they are measured; blood pressure is one tile with two numbers. */
export const tiles: readonly (readonly string[])[] = [
  ["TEMP"],
  ["PULSE"],
  ["RESP"],
  ["SBP", "DBP"],
  ["SPO2"],
  ["GLU_CAP"],
  ["PAIN"],
  ["WEIGHT"],
];

/** A tile whose absence the doctor sees; the others are measured when they matter. */
export const wanted: ReadonlySet<string> = new Set(["TEMP", "PULSE", "RESP", "SBP", "DBP", "SPO2"]);

/** The newest reading of each vital; the list is newest first. */
export function newestByCode(vitals: readonly Vital[]): Map<string, Vital> {
  const newest = new Map<string, Vital>();
  for (const vital of vitals) {
    const known = newest.get(vital.code);
    if (!known || known.takenAt < vital.takenAt) newest.set(vital.code, vital);
  }
  return newest;
}

/** How old a reading may be that is taken over, ms. */
const reusableFor = 24 * 3_600_000;

/**
 * Readings of the last 24 h that this request does not have yet, by code. A half of a blood pressure is left out: the pair
 * is measured together.
 */
export function reusable(
  own: readonly Vital[],
  latest: readonly Vital[],
  discarded: ReadonlySet<string>,
  now: Date,
): Map<string, Vital> {
  const have = newestByCode(own);
  const old = newestByCode(latest);
  for (const [code, vital] of old) {
    if (have.has(code) || discarded.has(code) || now.getTime() - Date.parse(vital.takenAt) > reusableFor) {
      old.delete(code);
    }
  }
  if (!old.has("SBP") || !old.has("DBP")) {
    old.delete("SBP");
    old.delete("DBP");
  }
  return old;
}

/** Readings as the contract takes them over: with the time at which they were taken. */
export function asReadings(vitals: Iterable<Vital>): VitalInput[] {
  const sources = new Set(["MANUAL", "DEVICE", "KIOSK"]);
  return [...vitals].map((v) => ({
    code: v.code,
    ...(v.qualifier ? { qualifier: v.qualifier } : { value: v.value ?? 0 }),
    ...(v.confirmed ? { confirmed: true } : {}),
    ...(sources.has(v.source) ? { source: v.source as "MANUAL" | "DEVICE" | "KIOSK" } : {}),
    takenAt: v.takenAt,
  }));
}
