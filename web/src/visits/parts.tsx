import {
  ClockCircleOutlined,
  EnvironmentOutlined,
  PhoneOutlined,
  TeamOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Schemas, useCatalogue } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone, type ToneKind } from "../theme";
import { FamilyConfirmed } from "../reminders/Answers";
import styles from "./Visits.module.css";

export type Visit = Schemas["Visit"];

function toneOf(state: string): ToneKind {
  if (state === "NOT_DONE" || state === "DECLINED") return "danger";
  if (state === "DONE") return "good";
  if (state === "REQUESTED" || state === "LEFT") return "caution";
  return "primary";
}

export function StateTag({ of }: { of: Visit }) {
  const { chosen } = useCatalogue();
  return <Tone kind={toneOf(of.state)}>{chosen("visit_state", of.state)}</Tone>;
}

/** Who it is, in one line. */
export function Who({ of }: { of: Visit }) {
  const { t } = useTranslation("visits");
  const format = useFormat();
  return (
    <span className={styles.line}>
      <strong className={styles.name}>{of.residentName}</strong>
      <span>{[format.sex(of.sex), format.age(of.age), of.home, of.bed].filter(Boolean).join(" · ")}</span>
      {of.alone && <Tone kind="caution">{t("alone")}</Tone>}
    </span>
  );
}

/** A visit in a list: what it is, when, by whom, and what is odd about it. */
export function VisitRow({ of }: { of: Visit }) {
  const { t } = useTranslation("visits");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const twoMissing = of.twoWhy.length > 0 && !of.second;
  return (
    <li>
      <Link to={`/visits/${of.id}`} className={styles.row}>
        <span className={styles.line}>
          <StateTag of={of} />
          <span>{label("serviceTypes", of.kind)}</span>
          {of.alarm && (
            <Tone kind="danger" icon={<WarningOutlined aria-hidden />}>
              {t("alarm.nav")}
            </Tone>
          )}
          {twoMissing && (
            <Tone kind="caution" icon={<TeamOutlined aria-hidden />}>
              {t("two")}
            </Tone>
          )}
        </span>
        <Who of={of} />
        <span className={styles.quiet}>
          <ClockCircleOutlined aria-hidden />{" "}
          {of.startsAt
            ? format.moment(of.startsAt, now)
            : t("wanted", { from: format.day(of.wantedFrom, now), to: format.day(of.wantedTo, now) })}
          {" · "}
          {t("minutes", { n: of.minutes })}
          {of.lead && ` · ${format.list([of.lead, of.second])}`}
        </span>
      </Link>
    </li>
  );
}

/** Where to go and whom to call. */
export function Whereto({ of }: { of: Visit }) {
  const { t } = useTranslation("visits");
  return (
    <div className={styles.whereto}>
      <span>
        <EnvironmentOutlined aria-hidden /> {of.address ?? t("noAddress")}
      </span>
      {of.addressNote && <span className={styles.quiet}>{of.addressNote}</span>}
      <FamilyConfirmed at={of.familyConfirmedAt} />
      {of.phone && (
        <a href={`tel:${of.phone}`} className={styles.call}>
          <PhoneOutlined aria-hidden /> {of.phone} · {t("callFirst")}
        </a>
      )}
      {of.allergies && <strong className={styles.danger}>{t("allergies", { words: of.allergies })}</strong>}
    </div>
  );
}
