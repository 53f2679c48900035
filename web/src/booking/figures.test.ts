import { expect, it } from "vitest";
import { groups, ratio } from "./figures";

const count = { upcoming: 1, open: 0, done: 2, noShow: 1, cancelled: 0, cancelledLate: 1 };
const figures = {
  hours: [
    {
      practitionerId: "a",
      practitionerName: "甲",
      week: "2026-11-30",
      offeredMinutes: 600,
      takenMinutes: 120,
    },
    {
      practitionerId: "a",
      practitionerName: "甲",
      week: "2026-11-23",
      offeredMinutes: 300,
      takenMinutes: 60,
    },
    { practitionerId: "b", practitionerName: "乙", week: "2026-11-30", offeredMinutes: 100, takenMinutes: 0 },
  ],
  counts: [
    {
      ...count,
      practitionerId: "a",
      practitionerName: "甲",
      kindId: "k",
      kindName: "门诊",
      week: "2026-11-23",
    },
    {
      ...count,
      practitionerId: "a",
      practitionerName: "甲",
      kindId: "h",
      kindName: "上门",
      week: "2026-11-30",
    },
  ],
  absences: [],
};

it("puts figures together by doctor, kind and week", () => {
  expect(
    groups(figures, "practitioner").map((r) => [r.name, r.offered, r.taken, r.done, r.kinds.size]),
  ).toEqual([
    ["甲", 900, 180, 4, 2],
    ["乙", 100, 0, 0, 0],
  ]);
  expect(groups(figures, "week").map((r) => [r.key, r.offered, r.noShow])).toEqual([
    ["2026-11-23", 300, 1],
    ["2026-11-30", 700, 1],
  ]);
  expect(groups(figures, "kind").map((r) => [r.name, r.offered, r.cancelledLate])).toEqual([
    ["门诊", 0, 1],
    ["上门", 0, 1],
  ]);
});

it("tells no share of too few", () => {
  expect(ratio(1, 9)).toBeUndefined();
  expect(ratio(1, 10)).toBe(0.1);
});
