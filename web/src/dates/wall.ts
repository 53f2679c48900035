import generateDayjs from "@rc-component/picker/generate/dayjs";
import dayjs, { type Dayjs } from "dayjs";
import utc from "dayjs/plugin/utc";

dayjs.extend(utc);

/**
 * Days and clock times are those of the institutions: Asia/Shanghai, eight hours before UTC, without summer time, whatever zone the
 * device is set to. Inside of the pickers a wall-clock time is a Dayjs in UTC with the fields that a clock in Shanghai shows; outside
 * it is a string: `2026-11-28` for a day, RFC 3339 for an instant, `14:05` for a clock time.
 */
export type Wall = Dayjs;

const offset = 8 * 60;
const zone = "+08:00";

/** What a clock in Shanghai shows at an instant. */
export function wallOf(at: string | Date): Wall {
  return dayjs.utc(at).add(offset, "minute");
}

/** The instant at which a clock in Shanghai shows it, RFC 3339 in UTC. */
export function instantOf(wall: Wall): string {
  return new Date(wall.format("YYYY-MM-DDTHH:mm:ss") + zone).toISOString();
}

/** The day of an instant in Shanghai, `YYYY-MM-DD`. */
export function dayOf(at: string | Date): string {
  return wallOf(at).format("YYYY-MM-DD");
}

/** A day so many days or months later, or earlier; the last of the month where that has no such day. */
export function dayAfter(day: string, by: { days?: number; months?: number }): string {
  return dayjs
    .utc(day)
    .add(by.months ?? 0, "month")
    .add(by.days ?? 0, "day")
    .format("YYYY-MM-DD");
}

/** How a picker handles days and times: everything in UTC, in which no hour is skipped or shown twice; "now" is Shanghai's. */
export const wallClock: typeof generateDayjs = {
  ...generateDayjs,
  getNow: () => wallOf(new Date()),
  getFixedDate: (text) => dayjs.utc(text),
  locale: {
    ...generateDayjs.locale,
    // Without a zone: the device's own may not know the hour that is typed.
    parse: (locale, text, formats) => {
      for (const format of formats) {
        const exact = dayjs.utc(text, format, true);
        if (exact.isValid()) return exact;
      }
      const other = generateDayjs.locale.parse(locale, text, formats); // a week, which has no format of its own
      return other && dayjs.utc(other.format("YYYY-MM-DDTHH:mm:ss"));
    },
  },
};
