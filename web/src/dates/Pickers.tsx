import { DatePicker } from "antd";
import dayjs from "dayjs";
import type { ReactNode } from "react";
import { instantOf, type Wall, wallClock, wallOf } from "./wall";

const Picker = DatePicker.generatePicker<Wall>(wallClock);

/** What every picker takes from its place: in a `Form.Item` value, onChange and id come from there. */
interface Place {
  id?: string;
  className?: string | undefined;
  placeholder?: string;
  disabled?: boolean;
  allowClear?: boolean;
  autoFocus?: boolean;
  "aria-label"?: string;
}

type Unit = "date" | "month" | "quarter" | "year";

const toWall = (day: string | null | undefined) => (day ? dayjs.utc(day) : null);
const toDay = (wall: Wall | null | undefined, unit: Unit = "date") =>
  wall ? wall.format(unit === "month" ? "YYYY-MM" : "YYYY-MM-DD") : undefined;

/** A day, `YYYY-MM-DD`; or a month, `YYYY-MM`; or any day of a quarter or year. */
export function DayPicker({
  value,
  onChange,
  min,
  max,
  unit = "date",
  opensAt,
  ...place
}: Place & {
  value?: string | null | undefined;
  onChange?: (day: string | undefined) => void;
  min?: string | undefined;
  max?: string | undefined;
  unit?: Unit;
  /** the day at which it opens while it is empty */
  opensAt?: string;
}) {
  return (
    <Picker
      {...place}
      picker={unit}
      value={toWall(value)}
      {...(min ? { minDate: dayjs.utc(min) } : {})}
      {...(max ? { maxDate: dayjs.utc(max) } : {})}
      {...(opensAt ? { defaultPickerValue: dayjs.utc(opensAt) } : {})}
      onChange={(day) => onChange?.(toDay(day as Wall | null, unit))}
    />
  );
}

/** From one day to another, both included; with `open` either may be missing. */
export function DayRangePicker({
  value,
  onChange,
  open = false,
  ...place
}: Omit<Place, "placeholder"> & {
  value?: readonly [string | undefined, string | undefined] | null;
  onChange?: (range: [string | undefined, string | undefined]) => void;
  open?: boolean;
}) {
  return (
    <Picker.RangePicker
      {...place}
      value={[toWall(value?.[0]), toWall(value?.[1])]}
      allowEmpty={[open, open]}
      onChange={(range) => onChange?.([toDay(range?.[0]), toDay(range?.[1])])}
    />
  );
}

/** An instant, RFC 3339, to the minute. `max`: what lies after it cannot be chosen. */
export function MomentPicker({
  value,
  onChange,
  max,
  minuteStep = 1,
  ...place
}: Place & {
  value?: string | null;
  onChange?: (at: string | undefined) => void;
  max?: string | Date | undefined;
  minuteStep?: 1 | 5 | 15;
}) {
  return (
    <Picker
      {...place}
      showTime={{ format: "HH:mm", minuteStep }}
      format="YYYY-MM-DD HH:mm"
      value={value ? wallOf(value) : null}
      {...(max ? { maxDate: wallOf(max) } : {})}
      onChange={(at) => onChange?.(at ? instantOf((at as Wall).second(0)) : undefined)}
    />
  );
}

/** A span of the clock, `HH:mm` each; the end may lie on the next day. */
export function ClockRangePicker({
  value,
  onChange,
  ...place
}: Omit<Place, "placeholder"> & {
  value?: { from: string; to: string } | undefined;
  onChange: (range: { from: string; to: string } | undefined) => void;
}): ReactNode {
  const clock = (text: string | undefined) => (text ? dayjs.utc(`2000-01-01T${text}:00`) : null);
  return (
    <Picker.RangePicker
      {...place}
      picker="time"
      format="HH:mm"
      minuteStep={15}
      order={false}
      value={[clock(value?.from), clock(value?.to)]}
      onChange={(range) => {
        const [from, to] = range ?? [];
        onChange(from && to ? { from: from.format("HH:mm"), to: to.format("HH:mm") } : undefined);
      }}
    />
  );
}
