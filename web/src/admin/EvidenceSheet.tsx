import { CheckCircleOutlined, CloseCircleOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { Loaded } from "../app/Loaded";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Admin.module.css";

/** What a consultation rests on, as it was on its day; the server words it, the same as on paper. */
export function EvidenceSheet({ id }: { id: string }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const now = useServerNow(60_000);
  const sheet = useRead("/api/v1/consultations/{id}/evidence-sheet", { path: { id } });
  return (
    <Loaded query={sheet}>
      {({ day, sections }) => (
        <>
          {sections.map((section) => (
            <section key={section.code} className={styles.card} aria-label={section.title}>
              <h2>{section.title}</h2>
              <ul className={styles.items}>
                {section.rows.map((row) => (
                  <li key={row.source}>
                    <h3>
                      {row.title}{" "}
                      {row.holds !== undefined && (
                        <Tone
                          kind={row.holds ? "good" : "danger"}
                          icon={
                            row.holds ? (
                              <CheckCircleOutlined aria-hidden />
                            ) : (
                              <CloseCircleOutlined aria-hidden />
                            )
                          }
                        >
                          {t(row.holds ? "record.holds" : "record.holdsNot")}
                        </Tone>
                      )}
                    </h3>
                    <dl className={styles.facts}>
                      {row.facts.map((fact) => (
                        <div key={fact.label} className={styles.fact}>
                          <dt>{fact.label}</dt>
                          <dd className={styles.text}>{fact.value}</dd>
                        </div>
                      ))}
                    </dl>
                    <p className={styles.digest}>{row.source}</p>
                  </li>
                ))}
              </ul>
            </section>
          ))}
          <p className={styles.quiet}>{t("record.asOf", { day: format.day(day, now) })}</p>
        </>
      )}
    </Loaded>
  );
}
