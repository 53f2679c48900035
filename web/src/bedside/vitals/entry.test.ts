import { describe, expect, it } from "vitest";
import catalogue from "../../testing/catalogue.json";
import { aVital } from "../../testing/FakeWard";
import { asReadings, judge, type PadKey, press, reusable } from "./entry";

const term = (code: string) => catalogue.vitals.find((v) => v.code === code)!;
const type = (keys: string, code: string) =>
  [...keys].reduce((text, key) => press(text, (key === "<" ? "back" : key) as PadKey, term(code)), "");

describe("the number pad", () => {
  it.each([
    ["36.6", "TEMP", "36.6"],
    ["36.65", "TEMP", "36.6"], // one decimal
    ["..5", "TEMP", "0.5"],
    ["3.6.1", "TEMP", "3.6"],
    ["8.8", "PULSE", "88"], // no decimals
    ["1234", "PULSE", "123"],
    ["007", "PULSE", "7"],
    ["88<9", "PULSE", "89"],
    ["<", "PULSE", ""],
  ])("%s for %s shows %s", (keys, code, shown) => {
    expect(type(keys, code)).toBe(shown);
  });
});

describe("a number", () => {
  it.each([
    ["", "SBP", "empty"],
    ["120", "SBP", "ok"],
    ["310", "SBP", "ask"],
    ["45", "SBP", "ask"],
    ["371", "SBP", "impossible"],
    ["12", "SBP", "impossible"],
    ["101", "SPO2", "impossible"],
    ["43.1", "TEMP", "ask"],
    ["0", "PAIN", "ok"],
  ])("%s for %s is %s", (text, code, kind) => {
    expect(judge(text, term(code)).kind).toBe(kind);
  });
});

describe("values of the last 24 h", () => {
  const now = new Date("2026-11-20T08:00:00Z");
  const at = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
  const codes = (vitals: Map<string, unknown>) => [...vitals.keys()];

  it("are taken over unless they are older, measured anew or not wanted", () => {
    const latest = [
      aVital("TEMP", 36.6, at(3)),
      aVital("PULSE", 80, at(25)),
      aVital("RESP", 18, at(1)),
      aVital("SPO2", 96, at(2)),
    ];
    const own = [aVital("SPO2", 91, at(0))];
    expect(codes(reusable(own, latest, new Set(["RESP"]), now))).toEqual(["TEMP"]);
  });

  it("are the newest of each vital", () => {
    const old = reusable([], [aVital("TEMP", 36.1, at(9)), aVital("TEMP", 38, at(2))], new Set(), now);
    expect(old.get("TEMP")?.value).toBe(38);
  });

  it("do not take half of a blood pressure", () => {
    expect(codes(reusable([], [aVital("SBP", 140, at(1))], new Set(), now))).toEqual([]);
    expect(
      codes(reusable([], [aVital("SBP", 140, at(1)), aVital("DBP", 80, at(1))], new Set(["DBP"]), now)),
    ).toEqual([]);
  });

  it("keep their time, and a qualifier in the place of the number", () => {
    const [number, word] = asReadings([
      aVital("TEMP", 36.6, at(3)),
      aVital("PULSE", undefined, at(3), "UNMEASURABLE"),
    ]);
    expect(number).toMatchObject({ code: "TEMP", value: 36.6, takenAt: at(3) });
    expect(word).toMatchObject({ code: "PULSE", qualifier: "UNMEASURABLE" });
    expect(word).not.toHaveProperty("value");
  });
});
