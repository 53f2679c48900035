import { fireEvent, render, screen } from "@testing-library/react";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DayPicker, DayRangePicker, MomentPicker } from ".";
import { dayAfter, dayOf, instantOf, wallClock, wallOf } from "./wall";

// The zone of the device: far from Shanghai on both sides of it, and with hours that its summer time skips.
describe.each(["Pacific/Honolulu", "America/New_York", "Pacific/Auckland", "Asia/Shanghai"])(
  "a device in %s",
  (zone) => {
    const before = process.env.TZ;
    beforeAll(() => {
      process.env.TZ = zone;
    });
    afterAll(() => {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    });

    it("knows the day in Shanghai", () => {
      expect(Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone);
      expect(dayOf("2026-11-27T15:59:59Z")).toBe("2026-11-27");
      expect(dayOf("2026-11-27T16:00:00Z")).toBe("2026-11-28");
      expect(dayAfter("2024-01-31", { months: 1 })).toBe("2024-02-29");
      expect(dayAfter("2026-12-30", { days: 3 })).toBe("2027-01-02");
    });

    // 02:30 of 8 March 2026 does not exist in New York, nor 02:30 of 27 September 2026 in Auckland.
    it.each(["2026-03-08T02:30:00+08:00", "2026-09-27T02:30:00+08:00", "2026-11-28T00:00:00+08:00"])(
      "keeps the instant %s",
      (at) => {
        expect(instantOf(wallOf(at))).toBe(new Date(at).toISOString());
        expect(wallOf(at).format("YYYY-MM-DD HH:mm")).toBe(at.slice(0, 16).replace("T", " "));
      },
    );

    it("shows a day as it is, and gives back the day that is typed", () => {
      const change = vi.fn();
      render(<DayPicker aria-label="日" value="1945-03-15" onChange={change} />);
      const input = screen.getByLabelText("日");
      expect(input).toHaveProperty("value", "1945-03-15");
      type(input, "2026-03-08");
      expect(change).toHaveBeenLastCalledWith("2026-03-08");
    });

    it("shows an instant on Shanghai's clock, and reads what is typed on it", () => {
      const change = vi.fn();
      render(<MomentPicker aria-label="时" value="2026-11-28T04:05:00Z" onChange={change} />);
      const input = screen.getByLabelText("时");
      expect(input).toHaveProperty("value", "2026-11-28 12:05");
      type(input, "2026-03-08 02:30");
      expect(change).toHaveBeenLastCalledWith("2026-03-07T18:30:00.000Z");
    });

    it("takes today for Shanghai's", () => {
      vi.useFakeTimers({ now: new Date("2026-11-27T16:30:00Z"), toFake: ["Date"] });
      try {
        expect(wallClock.getNow().format("YYYY-MM-DD HH:mm")).toBe("2026-11-28 00:30");
      } finally {
        vi.useRealTimers();
      }
    });

    it("shows a range with an open end", () => {
      render(<DayRangePicker aria-label="期" value={["2026-11-01", undefined]} open />);
      const [from, to] = screen.getAllByRole("textbox");
      expect(from).toHaveProperty("value", "2026-11-01");
      expect(to).toHaveProperty("value", "");
    });
  },
);

function type(input: HTMLElement, text: string) {
  fireEvent.mouseDown(input);
  fireEvent.focus(input);
  fireEvent.change(input, { target: { value: text } });
  fireEvent.keyDown(input, { key: "Enter", code: "Enter", keyCode: 13 });
}
