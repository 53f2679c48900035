import { ClockCircleOutlined, WarningOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Around.module.css";
import type { Medication } from "./useCareFile";

/** One medicine in words, what is to be looked at first. */
export function MedicationLine({ of }: { of: Medication }) {
  const { t } = useTranslation("around");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const rx = of.prescription;
  return (
    <>
      <span className={styles.line}>
        <strong>{of.name}</strong>
        <span>
          {[of.dose, label("medFrequencies", of.frequency), label("medRoutes", of.route)].join(" · ")}
        </span>
        <Tone kind={of.source === "OWN" ? "muted" : "claimed"}>{label("medSources", of.source)}</Tone>
      </span>
      <span className={styles.tags}>
        {of.warnings.map((warning) => (
          <Tone
            key={warning.code + warning.message}
            kind={warning.severe ? "danger" : "caution"}
            icon={warning.severe ? <WarningOutlined aria-hidden /> : <ClockCircleOutlined aria-hidden />}
          >
            {warning.message}
          </Tone>
        ))}
      </span>
      {of.allergyReason && <span>{t("file.because", { why: of.allergyReason })}</span>}
      <span className={styles.quiet}>
        {[
          of.stoppedOn
            ? t("file.stoppedOn", { day: format.day(of.stoppedOn, now), why: of.stopReason ?? "" })
            : t("file.since", { day: format.day(of.startedOn, now) }),
          of.expiresOn && t("file.expires", { day: format.day(of.expiresOn, now) }),
          of.verifiedBy && t("file.verified", { name: of.verifiedBy }),
          rx &&
            (rx.pharmacist && rx.reviewedAt
              ? t("file.rx", {
                  number: rx.number,
                  institution: rx.institution,
                  pharmacist: rx.pharmacist,
                  time: format.day(rx.reviewedAt, now),
                })
              : t("file.rxOpen", { number: rx.number, institution: rx.institution })),
          rx?.note && t("file.rxSaid", { words: rx.note }),
          rx?.supplyWeeks && t("file.rxWeeks", { n: rx.supplyWeeks }),
          of.note,
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </>
  );
}
