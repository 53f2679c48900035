import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { hasCode, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServerNow } from "../clock/useServerNow";
import { dayAfter, dayOf } from "../dates";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import styles from "./Booking.module.css";
import { grouped } from "./grouped";

export type Slot = Schemas["BookableSlot"];

/** How many days are shown at once. */
const shown = 14;

/**
 * Chooses a free time: first the day, then the time and with whom. What is shown is a proposal; booking decides. `from` is the day at which
 * it begins (today when absent).
 */
export function SlotPicker({
  kindId,
  residentId,
  consultationId,
  practitionerId,
  movingId,
  from,
  value,
  onPick,
}: {
  kindId: string;
  residentId?: string | undefined;
  /** in whose wrap-up it is booked */
  consultationId?: string | undefined;
  practitionerId?: string | undefined;
  /** an appointment that is moved: its own time is free for it */
  movingId?: string | undefined;
  from?: string | undefined;
  value?: Slot | undefined;
  onPick: (slot: Slot | undefined) => void;
}) {
  const { t } = useTranslation("booking");
  const now = useServerNow(60_000);
  const today = dayOf(now);
  const [first, setFirst] = useState(from && from > today ? from : today);
  const query = {
    kindId,
    from: instant(first),
    to: instant(dayAfter(first, { days: shown })),
    limit: 1000,
    ...(residentId ? { residentId } : {}),
    ...(consultationId ? { consultationId } : {}),
    ...(practitionerId ? { practitionerId } : {}),
    ...(movingId ? { movingId } : {}),
  };
  const slots = useRead("/api/v1/slots", { query });
  const move = (days: number) => {
    onPick(undefined);
    const next = dayAfter(first, { days });
    setFirst(next < today ? today : next);
  };
  return (
    <div className={`${styles.stack} ${styles.slots}`}>
      <div className={styles.line}>
        <Button disabled={first <= today} onClick={() => move(-shown)}>
          {t("slots.earlier")}
        </Button>
        <Button onClick={() => move(shown)}>{t("slots.later")}</Button>
      </div>
      {hasCode(slots.error, "gate_no_family_contract") ? (
        <Notice kind="caution">{t("here.noContract")}</Notice>
      ) : (
        <Loaded query={slots}>
          {(page) => <Days key={first} first={first} page={page} value={value} onPick={onPick} />}
        </Loaded>
      )}
    </div>
  );
}

/** The beginning of a day in Shanghai. */
function instant(day: string): string {
  return new Date(`${day}T00:00:00+08:00`).toISOString();
}

function Days({
  first,
  page,
  value,
  onPick,
}: {
  first: string;
  page: Schemas["SlotPage"];
  value: Slot | undefined;
  onPick: (slot: Slot | undefined) => void;
}) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const byDay = grouped(page.slots, (s) => dayOf(s.startsAt));
  const [chosen, setChosen] = useState<string>();
  const days = Array.from({ length: shown }, (_, i) => dayAfter(first, { days: i }));
  const day = chosen ?? days.find((d) => byDay.has(d));
  const named = new Map(page.daysOff.map((d) => [d.date, d]));
  const people = grouped((day && byDay.get(day)) || [], (s) => s.practitionerId);
  return (
    <>
      {page.calendarKnown ? null : <Notice kind="caution">{t("slots.unknown")}</Notice>}
      <div className={styles.days} role="group" aria-label={t("slots.days")}>
        {days.map((d) => {
          const free = byDay.get(d)?.length ?? 0;
          const special = named.get(d);
          return (
            <button
              key={d}
              type="button"
              className={styles.day}
              disabled={free === 0}
              aria-pressed={d === day}
              onClick={() => {
                setChosen(d);
                onPick(undefined);
              }}
            >
              <span>
                {wordsOf(format.day(`${d}T04:00:00Z`)).map((word) => (
                  <span key={word} className={styles.whole}>
                    {word}{" "}
                  </span>
                ))}
                {special ? ` ${special.isOff ? t("slots.off") : t("slots.makeUp")}` : ""}
              </span>
              <small>{free > 0 ? t("slots.free", { count: free }) : t("slots.none")}</small>
            </button>
          );
        })}
      </div>
      {day === undefined ? <p className={styles.quiet}>{t("slots.noneThen")}</p> : null}
      <div className={styles.stack} role="group" aria-label={t("slots.times")}>
        {[...people].map(([id, list]) => (
          <div key={id} className={styles.person}>
            <strong>{list[0]?.practitionerName}</strong>
            <div className={styles.times}>
              {list.map((s) => (
                <button
                  key={s.startsAt}
                  type="button"
                  className={styles.time}
                  aria-pressed={s.startsAt === value?.startsAt && s.practitionerId === value?.practitionerId}
                  onClick={() => onPick(s)}
                >
                  {format.clock(s.startsAt)}
                  {s.capacity > 1 ? ` · ${t("slots.left", { count: s.seatsLeft })}` : ""}
                </button>
              ))}
            </div>
          </div>
        ))}
      </div>
    </>
  );
}

/** A day and its weekday, each of which stands on one line. */
function wordsOf(day: string): string[] {
  const weekday = day.lastIndexOf(" ");
  return [day.slice(0, weekday), day.slice(weekday + 1)];
}
