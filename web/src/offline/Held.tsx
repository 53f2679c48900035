import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useServices } from "../app/services";
import { Link, useLocation } from "react-router";
import { Drop } from "./Drop";
import { type Act, isConflict, isRepeated } from "./acts";
import { BookingChoice } from "./BookingChoice";
import styles from "./Offline.module.css";
import { RecordConflict } from "./RecordConflict";
import { useTheirs } from "./useTheirs";

/** What the person can do about an act that the server did not take. Nothing of it goes without their word. */
export function Held({ act }: { act: Act }) {
  const { t } = useTranslation("offline");
  const { offline } = useServices();
  const theirs = useTheirs(act);
  const { pathname } = useLocation();
  const [dropping, setDropping] = useState(false);
  const [merging, setMerging] = useState(false);
  if (act.state !== "HELD" || !act.refusal) return null;
  const { problem } = act.refusal;
  const again = () => void offline.log.again(act, {}).then(offline.retry);
  const repeated = isRepeated(act);
  const settle = () => void offline.log.drop(act.id).then(offline.retry);
  const stale = act.kind === "RECORD" && isConflict(act) && problem.code === "revision_stale";
  return (
    <div className={styles.held}>
      <strong className={styles.refusal}>{repeated ? t("held.repeated") : problem.message}</strong>
      {problem.fields?.map((field) => (
        <span key={field.field}>{field.message}</span>
      ))}
      {theirs && <span className={styles.quiet}>{theirs}</span>}
      {act.kind === "BOOKING" && problem.alternatives && <BookingChoice act={act} />}
      <span className={styles.acts}>
        {stale ? (
          <Button type="primary" onClick={() => setMerging(true)}>
            {t("held.compare")}
          </Button>
        ) : (
          !repeated && <Button onClick={again}>{t("held.again")}</Button>
        )}
        {act.kind === "RECORD" && !stale && pathname !== `/visits/${act.about.id}` && (
          <Link to={`/visits/${act.about.id}`}>
            <Button type="primary">{t("held.edit")}</Button>
          </Link>
        )}
        {act.about.kind === "request" && act.kind !== "REQUEST" && (
          <Link to={`/ward/requests/${act.about.id}`}>
            <Button>{t("held.open")}</Button>
          </Link>
        )}
        <Button
          {...(repeated ? {} : { danger: true, type: "text" as const })}
          onClick={() => (repeated ? settle() : setDropping(true))}
        >
          {t(repeated ? "held.known" : isConflict(act) ? "held.theirs" : "held.drop")}
        </Button>
      </span>
      {merging && act.kind === "RECORD" && <RecordConflict act={act} onClose={() => setMerging(false)} />}
      {dropping && <Drop act={act} onClose={() => setDropping(false)} />}
    </div>
  );
}
