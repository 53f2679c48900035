import { CameraOutlined, FormOutlined, WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type QueueItem, useCatalogue } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { ReturnDialog } from "../../life/ReturnDialog";
import { Tone, UrgencyTag } from "../../theme";
import { Dots } from "../parts/Dots";
import { PersonFlags } from "../parts/PersonFlags";
import { Reading } from "../parts/Reading";
import styles from "./Queue.module.css";

/** The case of the chosen row before it is answered: what the queue tells, names masked; opening it reads no record. */
export function CasePreview({
  item,
  onReturned,
}: {
  item: QueueItem | undefined;
  onReturned?: (item: QueueItem) => void;
}) {
  const { t } = useTranslation(["desk", "life"]);
  const format = useFormat();
  const now = useServerNow(30_000);
  const [returning, setReturning] = useState(false);
  const { label, labels } = useCatalogue();
  if (!item) return <p className={styles.quiet}>{t("queue.none")}</p>;
  const { resident } = item;
  const who = t("bedAndName", { bed: resident.bed, name: resident.name });
  return (
    <section className={styles.card} aria-label={t("queue.case", { who })}>
      <header className={styles.cardHead}>
        <UrgencyTag urgency={item.urgency} />
        <h2>{who}</h2>
        <span>
          {format.sex(resident.sex)} {format.age(resident.age)}
        </span>
        <span className={styles.quiet}>
          {item.institution} {item.department} {label("serviceTypes", item.serviceType)}
        </span>
        <PersonFlags hearingImpaired={resident.hearingImpaired} language={resident.language} />
        <span className={styles.end}>
          <Dots n={item.completeness} />
          {item.state === "OFFERED" && item.urgency !== "CRITICAL" && (
            <Button icon={<FormOutlined aria-hidden />} onClick={() => setReturning(true)}>
              {t("life:giveBack.button")}
            </Button>
          )}
        </span>
        {returning && (
          <ReturnDialog
            of={item}
            onClose={() => setReturning(false)}
            onDone={() => {
              setReturning(false);
              onReturned?.(item);
            }}
          />
        )}
      </header>
      <div className={styles.cardBody}>
        <Part title={t("queue.complaint")}>
          <strong>{labels("reasons", item.reasons).join(t("listSeparator"))}</strong>
          {item.redFlags.map((flag) => (
            <Tone key={flag} kind="danger" icon={<WarningOutlined aria-hidden />}>
              {label("redFlags", flag)}
            </Tone>
          ))}
          <p className={item.complaint ? styles.text : styles.quiet}>
            {item.complaint ?? t("queue.noComplaint")}
          </p>
        </Part>
        <Part title={t("queue.vitals")}>
          {item.vitals.length === 0 && <p className={styles.quiet}>{t("queue.noVitals")}</p>}
          <ul className={styles.readings}>
            {item.vitals.map((v) => (
              <li key={v.id}>
                <Reading of={v} />
                <span className={styles.quiet}>{format.ago(v.takenAt, now)}</span>
              </li>
            ))}
          </ul>
          <p className={styles.quiet}>
            <CameraOutlined aria-hidden />{" "}
            {item.photos ? t("queue.photos", { n: item.photos }) : t("queue.noPhotos")}
          </p>
        </Part>
      </div>
    </section>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.part}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}
