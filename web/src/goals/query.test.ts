import { expect, it } from "vitest";
import { firstOf, lacking, percent, quantiles, rowsAddress } from "./query";

it("keeps organisation and period in the address of the rows, and no other condition", () => {
  const search = new URLSearchParams("org=1&kind=Q&day=2026-03-01&mark=OLD&hour=3");
  expect(rowsAddress(search, { mark: "NC07" })).toBe("/goals/rows?org=1&kind=Q&day=2026-03-01&mark=NC07");
});

it("takes no share of nothing", () => {
  expect(percent(3, 4)).toBe(75);
  expect(percent(0, 0)).toBeUndefined();
});

it("reads the median and the ninth decile from the histogram", () => {
  const waits = [
    { underSeconds: 60, n: 5 },
    { underSeconds: 120, n: 3 },
    { underSeconds: 180, n: 1 },
    { n: 1 },
  ];
  expect(quantiles(waits)).toEqual({ half: 60, ninth: 180 });
  expect(quantiles([{ n: 10 }])).toEqual({});
  expect(quantiles([{ underSeconds: 60, n: 0 }])).toBeUndefined();
});

it("knows where a period begins", () => {
  expect(firstOf("M", "2026-11-28")).toBe("2026-11-01");
  expect(firstOf("Q", "2026-12-01")).toBe("2026-10-01");
  expect(firstOf("Q", "2026-03-31")).toBe("2026-01-01");
  expect(firstOf("Y", "2026-07-05")).toBe("2026-01-01");
});

it("says how many are lacking to a target", () => {
  expect(lacking(8, 10, 95)).toBe(2);
  expect(lacking(19, 20, 95)).toBe(0);
  expect(lacking(7, 7, 100)).toBe(0);
  expect(lacking(0, 0, 95)).toBe(0);
});
