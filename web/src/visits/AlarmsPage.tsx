import { useState } from "react";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Schemas, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { ReasonDialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { useVisitsRefresh } from "./useVisits";
import styles from "./Visits.module.css";

/** Who calls for help or is not back in time, until somebody took charge and closed it. */
function AlarmsPage() {
  const { t } = useTranslation("visits");
  const list = useRead("/api/v1/visit-alarms", {}, { refetchInterval: 15_000 });
  return (
    <Page title={t("alarm.title")}>
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("alarm.none")}</p>
          ) : (
            <ul className={styles.list}>
              {rows.map((a) => (
                <Alarm key={a.id} of={a} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}
export { AlarmsPage as Component };

function Alarm({ of }: { of: Schemas["VisitAlarm"] }) {
  const { t } = useTranslation("visits");
  const format = useFormat();
  const now = useServerNow(10_000);
  const refresh = useVisitsRefresh();
  const [closing, setClosing] = useState(false);
  const step = useCommand("post", "/api/v1/visit-alarms/{id}/step", {
    onSuccess: () => {
      setClosing(false);
      refresh();
    },
  });
  return (
    <li className={styles.row}>
      <span className={styles.line}>
        <Tone kind="danger">{t(`alarm.${of.kind}`)}</Tone>
        <strong>{of.who}</strong>
        <span>{format.moment(of.raisedAt, now)}</span>
        <Link to={`/visits/${of.visitId}`}>{of.number}</Link>
      </span>
      {of.expectedBackAt && <span>{t("alarm.expected", { at: format.moment(of.expectedBackAt, now) })}</span>}
      {of.place && (
        <span>{t("alarm.map", { lon: of.place.lon.toFixed(4), lat: of.place.lat.toFixed(4) })}</span>
      )}
      <span className={styles.acts}>
        {of.takenBy ? (
          <span>{t("alarm.takenBy", { name: of.takenBy })}</span>
        ) : (
          <Button
            type="primary"
            loading={step.isPending}
            onClick={() => step.mutate({ path: { id: of.id }, body: { action: "TAKE" } })}
          >
            {t("alarm.take")}
          </Button>
        )}
        <Button onClick={() => setClosing(true)}>{t("alarm.close")}</Button>
      </span>
      {!closing && <Refused error={step.error} />}
      {closing && (
        <ReasonDialog
          title={t("alarm.close")}
          label={t("alarm.closeWords")}
          least={2}
          act={t("alarm.close")}
          busy={step.isPending}
          error={step.error}
          onClose={() => setClosing(false)}
          onSend={({ words }) =>
            step.mutate({ path: { id: of.id }, body: { action: "CLOSE", words: words ?? "" } })
          }
        />
      )}
    </li>
  );
}
