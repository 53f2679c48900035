import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  arrow,
  firstFree,
  freeOf,
  hoursShown,
  instantAt,
  isFree,
  lanes,
  monday,
  pieces,
  placeOf,
  pointTo,
  snap,
  stretches,
} from "./grid";
import { lunarOf, lunarWords } from "./lunar";

const days = [
  "2026-11-30",
  "2026-12-01",
  "2026-12-02",
  "2026-12-03",
  "2026-12-04",
  "2026-12-05",
  "2026-12-06",
];
const hours = { from: 480, to: 1080 };
const at = (day: string, clock: string) => new Date(`${day}T${clock}:00+08:00`).toISOString();
const slots = (...list: [string, string][]) => list.map(([day, clock]) => ({ startsAt: at(day, clock) }));

// Far from Shanghai, and with summer time on the very days that are drawn.
describe.each(["Asia/Shanghai", "America/New_York", "Pacific/Auckland"])("on a device in %s", (zone) => {
  const before = process.env.TZ;
  beforeAll(() => {
    process.env.TZ = zone;
  });
  afterAll(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });

  it("places instants by the clock of Shanghai, and back", () => {
    expect(placeOf("2026-11-30T16:30:00Z")).toEqual({ day: "2026-12-01", minute: 30 });
    expect(instantAt({ day: "2026-12-01", minute: 30 })).toBe("2026-11-30T16:30:00.000Z");
    expect(instantAt({ day: "2026-12-31", minute: 1440 + 15 })).toBe("2026-12-31T16:15:00.000Z");
    // New York sets its clocks on 2026-11-01 and 2026-03-08, Auckland on 2026-09-27: an hour of the clock is one here.
    for (const day of ["2026-11-01", "2026-03-08", "2026-09-27"])
      for (const minute of [0, 90, 150, 1439])
        expect(placeOf(instantAt({ day, minute }))).toEqual({ day, minute });
  });

  it("knows the Monday of a week, also over the year's end", () => {
    expect(monday("2026-12-06")).toBe("2026-11-30");
    expect(monday("2026-11-30")).toBe("2026-11-30");
    expect(monday("2027-01-01")).toBe("2026-12-28");
  });
});

it("draws what runs over midnight on both days", () => {
  expect(pieces("x", at("2026-12-01", "23:30"), at("2026-12-02", "00:45"))).toEqual([
    { of: "x", day: "2026-12-01", from: 1410, to: 1440 },
    { of: "x", day: "2026-12-02", from: 0, to: 45 },
  ]);
});

it("shows the usual hours and whole ones beyond", () => {
  expect(hoursShown([])).toEqual({ from: 480, to: 1080 });
  expect(hoursShown([{ from: 430, to: 1100 }])).toEqual({ from: 420, to: 1140 });
  expect(hoursShown([{ from: 0, to: 1439 }])).toEqual({ from: 0, to: 1440 });
});

it("puts what overlaps side by side, and only that", () => {
  const piece = (of: string, from: number, to: number) => ({ of, day: "d", from, to });
  const drawn = lanes([
    piece("c", 600, 660),
    piece("a", 480, 600),
    piece("b", 540, 620),
    piece("d", 700, 720),
  ]);
  expect(drawn.map((p) => [p.of, p.lane, p.lanes])).toEqual([
    ["a", 0, 2],
    ["b", 1, 2],
    ["c", 0, 2],
    ["d", 0, 1],
  ]);
});

describe("dropping", () => {
  const body = { width: 700, height: 600 };
  const free = freeOf(slots(["2026-12-01", "09:00"], ["2026-12-01", "09:20"], ["2026-12-03", "14:00"]));

  it("points to a day and a minute, and beside the grid to nothing", () => {
    expect(pointTo(150, 60, body, days, hours)).toEqual({ day: "2026-12-01", minute: 540 });
    expect(pointTo(699, 599, body, days, hours)?.day).toBe("2026-12-06");
    expect(pointTo(-1, 10, body, days, hours)).toBeUndefined();
    expect(pointTo(10, 600, body, days, hours)).toBeUndefined();
  });

  it("snaps to the free start that is meant, else to the raster inside of the hours", () => {
    const put = (day: string, minute: number) => snap({ day, minute }, free, hours, 40).minute;
    expect(put("2026-12-01", 552)).toBe(560); // 09:12 → 09:20
    expect(put("2026-12-01", 526)).toBe(540); // 08:46 → 09:00
    expect(put("2026-12-01", 523)).toBe(520); // nobody means 09:00 at 08:43
    expect(put("2026-12-02", 1079)).toBe(1040); // ends with the day
    expect(put("2026-12-02", 470)).toBe(480);
    expect(isFree(free, { day: "2026-12-03", minute: 840 })).toBe(true);
    expect(isFree(free, { day: "2026-12-03", minute: 850 })).toBe(false);
  });

  it("goes from free start to free start with the arrow keys", () => {
    const press = (day: string, minute: number, key: Parameters<typeof arrow>[1]) =>
      arrow({ day, minute }, key, free, days, hours, 40);
    expect(press("2026-12-01", 540, "ArrowDown")).toEqual({ day: "2026-12-01", minute: 560 });
    expect(press("2026-12-01", 560, "ArrowDown")).toEqual({ day: "2026-12-01", minute: 560 });
    expect(press("2026-12-02", 560, "ArrowRight")).toEqual({ day: "2026-12-03", minute: 840 });
    expect(press("2026-12-02", 560, "ArrowLeft")).toEqual({ day: "2026-12-01", minute: 560 });
    expect(press("2026-11-30", 560, "ArrowLeft")).toEqual({ day: "2026-11-30", minute: 560 });
    expect(press("2026-12-02", 560, "ArrowDown").minute).toBe(570); // nothing free: by the raster
    expect(press("2026-12-02", 480, "ArrowUp").minute).toBe(480);
    expect(firstFree(free, days, hours)).toEqual({ day: "2026-12-01", minute: 540 });
    expect(firstFree(new Map(), days, hours)).toEqual({ day: "2026-11-30", minute: 480 });
  });

  it("shades what is free in stretches", () => {
    expect(stretches([540, 560, 840], 40, 20)).toEqual([
      { from: 540, to: 600 },
      { from: 840, to: 880 },
    ]);
  });
});

describe("the lunar calendar", () => {
  it.each([
    ["2026-02-17", "正月", "springFestival"],
    ["2026-02-16", "廿九", "newYearsEve"],
    ["2025-01-28", "廿九", "newYearsEve"],
    ["2026-06-19", "初五", "dragonBoat"],
    ["2026-09-25", "十五", "midAutumn"],
    ["2026-10-18", "初九", "doubleNinth"],
    ["2025-07-25", "闰六月", undefined],
    ["2026-12-08", "三十", undefined],
  ])("%s is %s %s", (day, words, festival) => {
    const lunar = lunarOf(day);
    expect(lunar && lunarWords(lunar)).toBe(words);
    expect(lunar?.festival).toBe(festival);
  });
});
