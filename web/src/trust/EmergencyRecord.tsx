import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue, useRead } from "../api";
import type { Schemas } from "../api/types";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import styles from "./Trust.module.css";
import { Notice } from "../theme";

/** What somebody needs in an emergency, the dangerous first. */
export function EmergencyRecord({ record }: { record: Schemas["BreakGlassRecord"] }) {
  const { t } = useTranslation("trust");
  const catalogue = useCatalogue();
  const format = useFormat();
  const now = useServerNow(30_000);
  const { card, guardians, latestVitals, recentConsultations, allergies, birthDate, phone } = record.resident;
  return (
    <div className={styles.stack}>
      <Notice kind="caution">{t("emergency.until", { time: format.clock(record.expiresAt) })}</Notice>
      <div className={styles.record}>
        <section className={`${styles.card} ${styles.whole}`}>
          <h2>
            {card.name} · {format.sex(card.sex)} · {format.age(card.age)}
          </h2>
          <dl className={styles.facts}>
            <dt>{t("emergency.born")}</dt>
            <dd>{birthDate}</dd>
            <dt>{t("emergency.institution")}</dt>
            <dd>{[record.organisation, card.ward, card.bed].filter(Boolean).join(" ")}</dd>
            {record.organisationPhone && (
              <>
                <dt>{t("emergency.phone")}</dt>
                <dd>
                  <a href={`tel:${record.organisationPhone}`}>{record.organisationPhone}</a>
                </dd>
              </>
            )}
            <dt>{t("emergency.conditions")}</dt>
            <dd>
              {card.conditionCodes.length === 0 && "–"}
              {card.conditionCodes.map((code) => (
                <div key={code}>
                  <Condition code={code} />
                </div>
              ))}
            </dd>
            <dt>{t("emergency.guardians")}</dt>
            <dd>
              {guardians.map((g) => (
                <div key={g.name + g.relation}>
                  {[g.name, catalogue.label("relations", g.relation)].join(" ")}{" "}
                  {g.phone && <a href={`tel:${g.phone}`}>{g.phone}</a>}
                </div>
              ))}
              {guardians.length === 0 && (phone ?? "–")}
            </dd>
          </dl>
        </section>
        <section className={styles.card}>
          <h2>{t("emergency.allergies")}</h2>
          {allergies ? (
            <p className={styles.allergies}>{allergies}</p>
          ) : (
            <p className={styles.quiet}>{t("emergency.noAllergies")}</p>
          )}
        </section>
        <section className={styles.card}>
          <h2>{t("emergency.vitals")}</h2>
          {latestVitals.length === 0 && <p className={styles.quiet}>{t("emergency.noVitals")}</p>}
          <dl className={styles.facts}>
            {latestVitals.map((v) => {
              const term = catalogue.vital(v.code);
              return (
                <div key={v.id} style={{ display: "contents" }}>
                  <dt>{catalogue.label("vitals", v.code)}</dt>
                  <dd>
                    {term ? format.vital(v, term) : (v.value ?? "–")} {format.vitalFlag(v.flag)?.arrow}{" "}
                    <span className={styles.quiet}>{format.moment(v.takenAt, now)}</span>
                  </dd>
                </div>
              );
            })}
          </dl>
        </section>
        <section className={`${styles.card} ${styles.whole}`}>
          <h2>{t("emergency.consultations")}</h2>
          {recentConsultations.length === 0 && (
            <p className={styles.quiet}>{t("emergency.noConsultations")}</p>
          )}
          {recentConsultations.map((c) => (
            <p key={c.id} className={styles.line}>
              <Link to={`/consultations/${c.id}`}>{c.serial}</Link>
              <span>{format.moment(c.createdAt, now)}</span>
              <span>{c.diagnosis ?? catalogue.label("states", c.state)}</span>
              <span className={styles.quiet}>{[c.hospital, c.doctor].filter(Boolean).join(" ")}</span>
            </p>
          ))}
        </section>
      </div>
    </div>
  );
}

/** A condition by its name; by its code until the name is known. */
function Condition({ code }: { code: string }) {
  const language = useLanguage();
  const found = useRead(
    "/api/v1/conditions",
    { query: { q: code } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  const term = found.data?.find((c) => c.code === code);
  return [code, language === "en" ? term?.en : term?.zh].filter(Boolean).join(" ");
}
