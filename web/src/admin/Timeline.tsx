import { useTranslation } from "react-i18next";
import { type CatalogueLabels, type Consultation, useCatalogue } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import styles from "./Admin.module.css";

type Event = Consultation["timeline"][number];
type T = ReturnType<typeof useTranslation<["admin", "common"]>>["t"];

/** What an event of the dispatch says besides its name: which step was asked, why not, how it was agreed. */
function details(
  { type, data = {} }: Event,
  t: T,
  label: CatalogueLabels["label"],
  moment: (at: string) => string,
): string[] {
  const reason = typeof data.reason === "string" ? data.reason : undefined;
  switch (type) {
    case "WIDENED": {
      const step = Number(data.step);
      return step >= 1 && step <= 4 ? [t(`record.steps.s${step as 1 | 2 | 3 | 4}`)] : [];
    }
    case "DECLINED":
      return reason ? [label("declineReasons", reason)] : [];
    case "DISPATCHER_ALERTED":
      return reason === "LATE" || reason === "NOBODY" || reason === "CRITICAL" || reason === "LEFT"
        ? [t(`record.alerts.${reason}`)]
        : [];
    case "MERGED":
      return reason === "SAME_PERSON" || reason === "WRONG_RESIDENT" ? [t(`record.merged.${reason}`)] : [];
    case "CHARGE_ENDED":
      return reason === "AWAY" || reason === "OFF_DUTY" || reason === "ROLE"
        ? [t(`record.chargeEnded.${reason}`)]
        : [];
    case "HAND_OVER":
    case "HAND_OVER_ASKED":
    case "HAND_OVER_DECLINED":
      return Array.isArray(data.doctorNames) ? data.doctorNames.map(String) : [];
    // The record of a visit is made when it is signed; the way there was before.
    case "VISIT_ARRIVED":
    case "VISIT_LEFT":
      return typeof data.at === "string" ? [t("record.deviceTime", { at: moment(data.at) })] : [];
    case "ASSIGNED":
      return data.byPhone === true ? [t("record.byPhone")] : [];
    default:
      return [];
  }
}

/** What happened, in order, in words; events have their names from the server. */
export function Timeline({
  events,
  people,
}: {
  events: Consultation["timeline"];
  people: Consultation["participants"];
}) {
  const { t } = useTranslation(["admin", "common"]);
  const format = useFormat();
  const now = useServerNow();
  const { label, sentence } = useCatalogue();
  if (events.length === 0) return <p className={styles.quiet}>{t("record.noTimeline")}</p>;
  return (
    <ol className={styles.timeline}>
      {events.map((e) => (
        <li key={e.seq}>
          <time dateTime={e.at}>{format.moment(e.at, now)}</time>
          <strong>{sentence(`event_${e.type.toLowerCase()}`)}</strong>
          <div className={styles.quiet}>
            {[
              people.find((p) => p.id === e.data?.participantId)?.name ?? e.actor ?? t("record.system"),
              e.actor && e.actorRole && label("roles", e.actorRole),
              e.toState && e.toState !== e.fromState && label("states", e.toState),
              ...details(e, t, label, (at) => format.moment(at, now)),
            ]
              .filter(Boolean)
              .join(t("common:separator"))}
          </div>
        </li>
      ))}
    </ol>
  );
}
