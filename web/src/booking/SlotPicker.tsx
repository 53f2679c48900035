import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { type Schemas, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { useServerNow } from "../clock/useServerNow";
import { dayAfter, dayOf } from "../dates";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import styles from "./Booking.module.css";

export type Slot = Schemas["BookableSlot"];

/** How many days are looked at. */
const span = 14;

/** Free starts of two weeks, by day; choosing one books nothing. */
export function SlotPicker({
  kindId,
  residentId,
  personId,
  from,
  chosen,
  onChoose,
  onLater,
}: {
  kindId: string;
  residentId?: string | undefined;
  personId?: string | undefined;
  /** the first day */
  from: string;
  chosen: Slot | undefined;
  onChoose: (slot: Slot) => void;
  /** looks from another day */
  onLater: (day: string) => void;
}) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const until = dayAfter(from, { days: span });
  const found = useRead(
    "/api/v1/slots",
    {
      query: {
        kindId,
        from: `${from}T00:00:00+08:00`,
        to: `${until}T00:00:00+08:00`,
        ...(residentId ? { residentId } : {}),
        ...(personId ? { practitionerId: personId } : {}),
      },
    },
    { keepPrevious: true },
  );
  return (
    <Loaded query={found}>
      {(data) => {
        const days = new Map<string, Slot[]>();
        for (const slot of data.slots) {
          const day = dayOf(slot.startsAt);
          days.set(day, [...(days.get(day) ?? []), slot]);
        }
        const off = new Map(data.daysOff.map((d) => [d.date, d]));
        return (
          <div>
            {!data.calendarKnown && <Notice kind="caution">{t("new.unknownYear")}</Notice>}
            {data.slots.length === 0 && <p className={styles.quiet}>{t("new.none")}</p>}
            {[...days].map(([day, slots]) => (
              <section key={day} className={styles.day} aria-label={day}>
                <span>
                  {format.day(day, now)}
                  {off.get(day) && <span className={styles.quiet}> {off.get(day)?.name}</span>}
                </span>
                <span className={styles.slots}>
                  {slots.map((slot) => (
                    <Button
                      key={`${slot.startsAt} ${slot.practitionerId}`}
                      type={
                        chosen?.startsAt === slot.startsAt && chosen.practitionerId === slot.practitionerId
                          ? "primary"
                          : "default"
                      }
                      aria-pressed={
                        chosen?.startsAt === slot.startsAt && chosen.practitionerId === slot.practitionerId
                      }
                      onClick={() => onChoose(slot)}
                    >
                      {format.clock(slot.startsAt)}
                      {!personId && data.practitioners.length > 1 && ` ${slot.practitionerName}`}
                    </Button>
                  ))}
                </span>
              </section>
            ))}
            <Button onClick={() => onLater(until)}>{t("new.later")}</Button>
          </div>
        );
      }}
    </Loaded>
  );
}
