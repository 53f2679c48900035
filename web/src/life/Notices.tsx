import { useTranslation } from "react-i18next";
import { type Consultation, useCatalogue } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Emergency } from "./Emergency";
import { HandedOver } from "./HandOver";
import styles from "./Life.module.css";

/** What happened to a consultation that everybody must know at a glance: where the resident goes, what is lacking, when it is
 * planned, the times of an emergency. Nothing when nothing of it did. */
export function LifeNotices({ c }: { c: Consultation }) {
  return (
    <>
      <Terminated c={c} />
      <Returned c={c} />
      <Planned c={c} />
      <HandedOver c={c} />
      {c.emergency?.handedOverAt && <Rescue c={c} />}
    </>
  );
}

function Terminated({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { chosen } = useCatalogue();
  const of = c.termination;
  if (!of) return null;
  const words = {
    within: chosen("go_within", of.goWithin),
    destination: chosen("destination", of.destination),
  };
  return (
    <section className={styles.panel} data-kind="danger" aria-label={t("terminate.heading")}>
      <h2>{t("terminate.shown", { reason: chosen("unsuitable_reason", of.reason) })}</h2>
      <p className={styles.strong} role="status">
        {of.place ? t("terminate.go", { ...words, place: of.place }) : t("terminate.goPlain", words)}
      </p>
      {of.note && <p>{of.note}</p>}
      <p className={styles.quiet}>{t("terminate.by", { name: of.by, time: format.moment(of.at, now) })}</p>
    </section>
  );
}

function Returned({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { choices } = useCatalogue();
  const of = c.returned;
  if (!of) return null;
  const what = choices("lacking")
    .filter(({ value }) => of.lacking.includes(value))
    .map(({ label }) => label)
    .join(t("separator"));
  return (
    <section className={styles.panel} aria-label={t("giveBack.heading")}>
      <p className={c.state === "RETURNED" ? styles.strong : undefined} role="status">
        {t("giveBack.shown", { by: of.by, what })}
      </p>
      {of.note && <p>{of.note}</p>}
      <p className={styles.quiet}>
        {of.resubmittedAt
          ? t("giveBack.resubmitted", { time: format.moment(of.resubmittedAt, now) })
          : t("giveBack.again")}
      </p>
    </section>
  );
}

function Planned({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  if (!c.slot || c.state !== "SCHEDULED") return null;
  return (
    <section className={styles.panel} data-kind="primary" aria-label={t("schedule.title")}>
      <p className={styles.strong} role="status">
        {t("schedule.shown", { time: format.moment(c.slot.from, now) })}
      </p>
      <p className={styles.quiet}>
        {[c.doctor?.name, c.doctor?.title, c.doctor?.department].filter(Boolean).join(" ")} ·{" "}
        {t("schedule.early")}
      </p>
    </section>
  );
}

function Rescue({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  return (
    <section className={styles.panel} data-kind="danger" aria-label={t("emergency.heading")}>
      <h2>{t("emergency.heading")}</h2>
      <Emergency of={c.emergency ?? {}} />
    </section>
  );
}
