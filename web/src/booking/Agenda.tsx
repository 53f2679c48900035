import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/useFormat";
import { dayOf } from "../dates";
import { type Appointment, StatusTag } from "./AppointmentDialog";
import styles from "./Booking.module.css";
import { grouped } from "./grouped";

/** Appointments as a list, a heading a day: what is booked for whom, in order. */
export function Agenda({
  rows,
  today,
  onOpen,
}: {
  rows: readonly Appointment[];
  today: string;
  onOpen: (id: string) => void;
}) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  if (rows.length === 0) return <p className={styles.quiet}>{t("agenda.none")}</p>;
  return [...grouped(rows, (a) => dayOf(a.startsAt))].map(([day, list]) => (
    <section key={day} className={styles.stack} aria-label={format.day(day)}>
      <h2>
        {format.day(day)} {day === today && t("grid.today")}{" "}
        <span className={styles.quiet}>{t("agenda.count", { n: list.length })}</span>
      </h2>
      <ul className={styles.list}>
        {list.map((a) => (
          <li key={a.id}>
            <button type="button" className={styles.agenda} onClick={() => onOpen(a.id)}>
              <strong>
                {format.clock(a.startsAt)}–{format.clock(a.endsAt)}
              </strong>
              <span>
                <strong>
                  {a.bed} {a.residentName}
                </strong>{" "}
                <span className={styles.quiet}>{a.ward}</span>
              </span>
              <span>
                {a.kindName} · {t(`place.${a.place}`)} · {a.staff.map((s) => s.name).join("、")}{" "}
                <span className={styles.quiet}>{a.organisationName}</span>
              </span>
              <StatusTag of={a} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  ));
}
