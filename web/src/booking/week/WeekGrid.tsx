import { type CSSProperties, type ReactNode, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/useFormat";
import { useLanguage } from "../../i18n/useLanguage";
import { useServerNow } from "../../clock/useServerNow";
import type { Schemas } from "../../api/types";
import { type Laned, type Piece, placeOf, stretches } from "./grid";
import { lunarOf, lunarWords } from "./lunar";
import styles from "./Week.module.css";

export interface NamedDay {
  name: string;
  isOff: boolean;
}

/** Something that is drawn on a day besides appointments. */
interface Marks {
  /** hours in which somebody can be booked */
  open: readonly Piece<unknown>[];
  /** free starts, while something is carried */
  free: ReadonlyMap<string, readonly number[]>;
  length: number;
  step: number;
}

/** The frame of the grid: days with what is special about them, hours, now; appointments and what is carried come from outside. */
export function WeekGrid({
  days,
  hours,
  today,
  named,
  marks,
  body,
  carrying,
  children,
}: {
  days: readonly string[];
  hours: { from: number; to: number };
  today: string;
  named: ReadonlyMap<string, NamedDay>;
  marks: Marks;
  body: RefObject<HTMLDivElement | null>;
  carrying: boolean;
  /** what stands on a day */
  children: (day: string) => ReactNode;
}) {
  const { t } = useTranslation("booking");
  const now = placeOf(useServerNow(60_000));
  const lines = Array.from({ length: (hours.to - hours.from) / 60 + 1 }, (_, i) => hours.from + i * 60);
  return (
    <div
      className={styles.grid}
      style={{ "--days": days.length, "--minutes": hours.to - hours.from } as CSSProperties}
      data-carrying={carrying}
    >
      <div className={styles.heads}>
        <span aria-hidden />
        {days.map((day) => (
          <DayHead key={day} day={day} today={today} named={named.get(day)} />
        ))}
      </div>
      <div className={styles.field}>
        <div className={styles.hours} aria-hidden>
          {lines.map((minute) => (
            <span key={minute} style={{ top: `${((minute - hours.from) / (hours.to - hours.from)) * 100}%` }}>
              {`${String(minute / 60).padStart(2, "0")}:00`}
            </span>
          ))}
        </div>
        <div className={styles.body} ref={body}>
          {days.map((day) => (
            <section
              key={day}
              className={styles.day}
              data-today={day === today}
              data-off={named.get(day)?.isOff ?? false}
              data-day={day}
              aria-labelledby={`day-${day}`}
            >
              {marks.open
                .filter((p) => p.day === day)
                .map((p) => (
                  <span key={`open ${p.from}`} className={styles.open} style={span(p, hours)} aria-hidden />
                ))}
              {lines.slice(1, -1).map((minute) => (
                <span
                  key={minute}
                  className={styles.line}
                  style={span({ from: minute, to: minute }, hours)}
                  aria-hidden
                />
              ))}
              {stretches(marks.free.get(day) ?? [], marks.length, marks.step).map((p) => (
                <span key={`free ${p.from}`} className={styles.free} style={span(p, hours)} aria-hidden />
              ))}
              {day === now.day && now.minute > hours.from && now.minute < hours.to && (
                <span
                  className={styles.now}
                  style={span({ from: now.minute, to: now.minute }, hours)}
                  role="img"
                  aria-label={t("grid.now")}
                />
              )}
              {children(day)}
            </section>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Where a stretch of a day stands. */
export function span(p: { from: number; to: number }, hours: { from: number; to: number }): CSSProperties {
  const all = hours.to - hours.from;
  return {
    top: `${((p.from - hours.from) / all) * 100}%`,
    height: `${((p.to - p.from) / all) * 100}%`,
  };
}

/** Where one of several beside one another stands. */
export function lane(p: Laned<unknown>, hours: { from: number; to: number }): CSSProperties {
  return {
    ...span(p, hours),
    insetInlineStart: `${(p.lane / p.lanes) * 100}%`,
    width: `${100 / p.lanes}%`,
  };
}

function DayHead({ day, today, named }: { day: string; today: string; named: NamedDay | undefined }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const language = useLanguage();
  const lunar = lunarOf(day);
  const small = named?.name
    ? named.name
    : lunar?.festival
      ? t(`grid.festival.${lunar.festival}`)
      : lunar && language !== "en"
        ? lunarWords(lunar)
        : "";
  return (
    <h2 id={`day-${day}`} className={styles.head} data-today={day === today}>
      <span>{format.day(day)}</span>
      <small>
        {small && (
          <span {...(named?.name ? { lang: "zh" } : {})} data-festival={lunar?.festival !== undefined}>
            {small}
          </span>
        )}
        {named && (
          <span className={styles.mark} data-off={named.isOff}>
            {named.isOff ? t("slots.off") : t("slots.makeUp")}
          </span>
        )}
      </small>
    </h2>
  );
}

/** The days of a year that differ from the week, by day. */
export function namedDays(years: readonly (Schemas["WorkdayYear"] | undefined)[]): Map<string, NamedDay> {
  const out = new Map<string, NamedDay>();
  for (const year of years)
    for (const d of year?.days ?? []) out.set(d.date, { name: d.name, isOff: d.isOffDay });
  return out;
}
