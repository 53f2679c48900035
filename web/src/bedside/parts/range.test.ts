import { expect, it } from "vitest";
import { rest, sayRange } from "./range";

it("is said in minutes, the lower end rounded down and the upper end up", () => {
  expect(sayRange({ fromSeconds: 190, toSeconds: 350 })).toEqual({
    key: "between",
    unit: "minutes",
    from: 3,
    to: 6,
  });
});

it("that begins at once, or whose ends are one minute, is within its upper end", () => {
  expect(sayRange({ fromSeconds: 10, toSeconds: 100 })).toEqual({ key: "within", unit: "minutes", to: 2 });
  expect(sayRange({ fromSeconds: 120, toSeconds: 120 })).toEqual({ key: "within", unit: "minutes", to: 2 });
  expect(sayRange({ fromSeconds: 0, toSeconds: 0 })).toEqual({ key: "within", unit: "minutes", to: 1 });
});

it("is said in hours when it is long", () => {
  expect(sayRange({ fromSeconds: 4000, toSeconds: 9000 })).toEqual({
    key: "between",
    unit: "hours",
    from: 1,
    to: 3,
  });
});

it("shrinks as time passes and ends", () => {
  expect(rest({ fromSeconds: 60, toSeconds: 180 }, 100)).toEqual({ fromSeconds: 0, toSeconds: 80 });
  expect(rest({ fromSeconds: 60, toSeconds: 180 }, 180)).toBeUndefined();
});
