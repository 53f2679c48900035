import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useToday } from "../dates";
import { useDay } from "../i18n/useDay";
import { Tone } from "../theme";
import styles from "./Panel.module.css";

/** The lists of calls of the team, newest first. */
function RecallsPage() {
  const { t } = useTranslation("panel");
  const day = useDay();
  const today = useToday();
  const list = useRead("/api/v1/recalls");
  return (
    <Page title={t("recall.title")}>
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("recall.none")}</p>
          ) : (
            <section className={styles.card}>
              <ul className={styles.list}>
                {rows.map((r) => (
                  <li key={r.id}>
                    <span className={styles.line}>
                      <Link to={`/recalls/${r.id}`}>
                        <strong>{r.name}</strong>
                      </Link>
                      {r.closedAt ? (
                        <Tone kind="good" icon="✓">
                          {t("recall.closed")}
                        </Tone>
                      ) : r.dueOn < today ? (
                        <Tone kind="danger">{t("recall.late")}</Tone>
                      ) : (
                        <Tone kind="primary">
                          {t("recall.progress", { done: r.total - r.todo - r.notReached, total: r.total })}
                        </Tone>
                      )}
                      <span>
                        {t("recall.dueOn")} {day(r.dueOn)}
                      </span>
                    </span>
                    <span className={styles.quiet}>
                      {[
                        `${t("recall.todo")} ${r.todo}`,
                        `${t("recall.notReached")} ${r.notReached}`,
                        `${t("recall.reached")} ${r.reached}`,
                        `${t("recall.booked")} ${r.booked}`,
                        `${t("recall.declined")} ${r.declined}`,
                        t("recall.by", { name: r.createdBy, day: day(r.createdAt) }),
                      ].join(" · ")}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          )
        }
      </Loaded>
    </Page>
  );
}
export { RecallsPage as Component };
