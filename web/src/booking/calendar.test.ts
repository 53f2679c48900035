// What other programs make of our calendars: ical.js reads what the server's test wrote, and expands the rules that the server expands.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import { describe, expect, it } from "vitest";

const root = `${process.cwd()}/..`;

describe("a personal calendar", () => {
  const calendar = new ICAL.Component(
    ICAL.parse(readFileSync(`${root}/internal/booking/testdata/calendar.ics`, "utf8")),
  );
  const events = calendar.getAllSubcomponents("vevent").map((v) => new ICAL.Event(v));

  it("is read by an independent parser", () => {
    expect(calendar.name).toBe("vcalendar");
    expect(calendar.getFirstPropertyValue("version")).toBe("2.0");
    expect(calendar.getFirstPropertyValue("prodid")).toBeTruthy();
    expect(events).toHaveLength(4);
    for (const e of events) {
      expect(e.uid).toMatch(/^[0-9a-f-]{36}@lianzhen$/);
      expect(e.component.getFirstPropertyValue("dtstamp")).toBeTruthy();
      expect(e.endDate.subtractDate(e.startDate).toSeconds()).toBe(30 * 60);
      expect(e.summary).toBe("上门随访，慢病 · 上门");
      expect(e.location).toBeNull();
      expect(e.attendees).toHaveLength(0);
    }
    expect(new Set(events.map((e) => e.uid)).size).toBe(4);
  });

  it("says what was moved and what was cancelled, in place", () => {
    const facts = events.map((e) => [
      e.startDate.toJSDate().toISOString(),
      e.sequence,
      e.component.getFirstPropertyValue("status"),
    ]);
    expect(facts).toEqual([
      ["2026-03-11T01:00:00.000Z", 1, "CONFIRMED"],
      ["2026-03-11T03:30:00.000Z", 2, "CONFIRMED"],
      ["2026-03-12T01:00:00.000Z", 2, "CANCELLED"],
      ["2026-03-13T01:00:00.000Z", 2, "CANCELLED"], // somebody else's now
    ]);
  });
});

interface Case {
  why: string;
  rule: string;
  start: string;
  from: string;
  to: string;
  days: string[];
}

describe("recurrences", () => {
  const cases = JSON.parse(
    readFileSync(`${root}/scheduler/calendar/testdata/recurrences.json`, "utf8"),
  ) as Case[];
  it.each(cases)("$why", ({ rule, start, from, to, days }) => {
    const iterator = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateString(start));
    const found: string[] = [];
    for (let day = iterator.next(); day && day.toString() <= to; day = iterator.next()) {
      if (day.toString() >= from) found.push(day.toString());
    }
    expect(found).toEqual(days);
  });
});
