import { describe, expect, it } from "vitest";
import { dayOf, daysOf, inCells, mondayOf, periodOf, type Shift, seatsOf, shiftOn, shortTimes } from "./week";

describe("the week", () => {
  it("begins on Monday, also seen from a Sunday", () => {
    expect(mondayOf("2026-11-22")).toBe("2026-11-16");
    expect(mondayOf("2026-11-16")).toBe("2026-11-16");
    expect(daysOf("2026-12-28")).toEqual([
      "2026-12-28",
      "2026-12-29",
      "2026-12-30",
      "2026-12-31",
      "2027-01-01",
      "2027-01-02",
      "2027-01-03",
    ]);
  });

  it("is that of the institutions, wherever the device is", () => {
    expect(dayOf("2026-11-19T16:00:00Z")).toBe("2026-11-20");
    expect(dayOf("2026-11-19T15:59:59Z")).toBe("2026-11-19");
    expect(periodOf("2026-11-16")).toEqual({
      from: "2026-11-16T00:00:00+08:00",
      to: "2026-11-23T00:00:00+08:00",
    });
  });
});

it("a shift that ends no later than it begins ends on the next day", () => {
  expect(shiftOn("2026-11-20", { from: "08:00", to: "18:00" }).endsAt).toBe("2026-11-20T18:00:00+08:00");
  expect(shiftOn("2026-11-30", { from: "18:00", to: "08:00" }).endsAt).toBe("2026-12-01T08:00:00+08:00");
  expect(shiftOn("2026-11-20", { from: "08:00", to: "08:00" }).endsAt).toBe("2026-11-21T08:00:00+08:00");
});

describe("the grid", () => {
  const shift = (change: Partial<Shift>): Shift => ({
    id: "s",
    userId: "u1",
    userName: "王医生",
    role: "CONSULTANT",
    startsAt: "2026-11-20T00:00:00Z",
    endsAt: "2026-11-20T10:00:00Z",
    ...change,
  });

  it("has a row for each role of each person, also of who is on duty without being listed", () => {
    const seats = seatsOf(
      [
        {
          id: "u1",
          username: "dr.wang",
          name: "王医生",
          mustChangePassword: false,
          secondFactor: false,
          disabled: false,
          licences: [],
          roles: [
            {
              role: "CONSULTANT",
              organisationId: "o",
              organisationName: "医院",
              organisationKind: "MEDICAL",
            },
            {
              role: "INST_ADMIN",
              organisationId: "o",
              organisationName: "医院",
              organisationKind: "MEDICAL",
            },
          ],
        },
      ],
      [shift({}), shift({ userId: "u9", userName: "老李", role: "NURSE" })],
    );
    expect(seats.map((s) => [s.name, s.role])).toEqual([
      ["王医生", "CONSULTANT"],
      ["老李", "NURSE"],
    ]);
  });

  it("has one row for a role that is held in several departments, and names them", () => {
    const inTwo = (departmentId: string, departmentName: string) =>
      shift({ id: departmentId, departmentId, departmentName });
    const [seat, ...more] = seatsOf([], [inTwo("d1", "全科"), inTwo("d2", "心内"), shift({})]);
    expect(more).toEqual([]);
    expect(seat).toMatchObject({ departments: ["全科", "心内"] });
    expect(seat).not.toHaveProperty("departmentId");
    expect(seatsOf([], [inTwo("d1", "全科"), shift({})])[0]).toHaveProperty("departmentId", "d1");
  });

  it("says times as short as it can", () => {
    expect(shortTimes("08:00", "18:00")).toBe("08–18");
    expect(shortTimes("08:30", "12:00")).toBe("08:30–12");
    expect(shortTimes("08:00", "08:00")).toBe("08–08+");
    expect(shortTimes("18:00", "08:00")).toBe("18–08+");
    expect(shortTimes("18:00", "00:00")).toBe("18–00");
  });

  it("puts a shift into the day on which it begins, the earliest first", () => {
    const night = shift({ id: "n", startsAt: "2026-11-20T10:00:00Z", endsAt: "2026-11-21T00:00:00Z" });
    const day = shift({ id: "d" });
    const [seat] = seatsOf([], [day]);
    const cell = inCells([night, day]);
    expect(cell(seat!, "2026-11-20").map((s) => s.id)).toEqual(["d", "n"]);
    expect(cell(seat!, "2026-11-21")).toEqual([]);
  });
});
