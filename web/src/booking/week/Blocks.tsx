import { CheckCircleFilled } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../i18n/useFormat";
import { type Appointment, HoldLeft } from "../AppointmentDialog";
import { lanes, type Piece, type Place, placeOf } from "./grid";
import type { Load } from "./load";
import { lane, span } from "./WeekGrid";
import styles from "./Week.module.css";

interface Hours {
  from: number;
  to: number;
}

/** The appointments of one day: each in the time that it takes of people, hatched where that is road and preparation. */
export function Blocks({
  list,
  hours,
  away,
  names,
  handlers,
}: {
  list: readonly Piece<Appointment>[];
  hours: Hours;
  /** the one that is being carried */
  away: string | undefined;
  /** with whom: where several people's are drawn */
  names: boolean;
  handlers: (a: Appointment) => object;
}) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  return lanes(list).map((p) => {
    const a = p.of;
    const from = placeOf(a.startsAt);
    const begin = Math.max(p.from, from.day === p.day ? from.minute : 0);
    const length = (Date.parse(a.endsAt) - Date.parse(a.startsAt)) / 60_000;
    const end = Math.min(p.to, (from.day === p.day ? from.minute : from.minute - 1440) + length);
    const all = p.to - p.from;
    if (end <= begin) return null;
    const [lead] = a.staff;
    const sure = a.answers?.some((one) => one.side === "FAMILY" && one.answer === "CONFIRMED") ?? false;
    return (
      <div key={a.id} className={styles.block} style={lane(p, hours)}>
        {(begin > p.from || end < p.to) && (
          <span
            className={styles.around}
            title={lead && t("week.around", { before: lead.travelBefore, after: lead.travelAfter })}
          />
        )}
        <button
          type="button"
          className={styles.appointment}
          style={{
            top: `${((begin - p.from) / all) * 100}%`,
            height: `${((end - begin) / all) * 100}%`,
          }}
          data-id={a.id}
          data-status={a.status}
          data-over={["CANCELLED", "NO_SHOW", "LAPSED"].includes(a.status)}
          data-movable={a.may.includes("RESCHEDULE")}
          data-away={away === a.id}
          aria-label={t("grid.block", {
            name: a.residentName,
            kind: a.kindName,
            when: `${format.clock(a.startsAt)}–${format.clock(a.endsAt)}`,
            status: [t(`status.${a.status}`), sure && t("week.sure")].filter(Boolean).join(" "),
          })}
          {...handlers(a)}
        >
          <strong>
            {format.clock(a.startsAt)} {a.residentName}
            {sure && <CheckCircleFilled className={styles.sure} title={t("week.sure")} />}
          </strong>
          <span>
            {a.kindName} {a.bed}
          </span>
          {a.status === "HELD" && a.holdExpiresAt ? (
            <HoldLeft until={a.holdExpiresAt} />
          ) : (
            names && <span>{a.staff.map((s) => s.name).join("、")}</span>
          )}
        </button>
      </div>
    );
  });
}

/** Where what is carried would go. */
export function Ghost({
  load,
  to,
  hours,
  free,
  pending,
}: {
  load: Load;
  to: Place;
  hours: Hours;
  free: boolean;
  pending: boolean;
}) {
  const { t } = useTranslation("booking");
  const clock = `${String(Math.floor(to.minute / 60)).padStart(2, "0")}:${String(to.minute % 60).padStart(2, "0")}`;
  return (
    <>
      <span
        className={styles.ghostAround}
        style={span({ from: to.minute - load.before, to: to.minute + load.length + load.after }, hours)}
        aria-hidden
      />
      <span
        className={styles.ghost}
        style={span({ from: to.minute, to: to.minute + load.length }, hours)}
        data-free={free}
        data-pending={pending}
        aria-hidden
      >
        <strong>
          {clock} {load.name}
        </strong>{" "}
        {free ? "" : t("grid.taken")}
      </span>
    </>
  );
}
