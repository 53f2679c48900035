import { SafetyCertificateOutlined, WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useCommand, useErrorText } from "../api";
import type { Schemas } from "../api/types";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import admin from "../admin/Admin.module.css";
import { Tone } from "../theme";
import styles from "./Rules.module.css";

/** Whether the record is what was chained, up to which signed checkpoint; and the button that proves it now. */
export function Proof(props: {
  id: string;
  proof: Schemas["RecordProof"] | undefined;
  onProved: () => void;
}) {
  const { t } = useTranslation("rules");
  const errorText = useErrorText();
  const format = useFormat();
  const now = useServerNow(60_000);
  const prove = useCommand("post", "/api/v1/consultations/{id}/countability/proof", {
    onSuccess: props.onProved,
  });
  const { proof } = props;
  return (
    <section className={styles.dialog} aria-label={t("proof.title")}>
      <h3 className={styles.heading}>{t("proof.title")}</h3>
      {proof ? (
        <>
          <div className={styles.line} role="status">
            <Tone
              kind={proof.holds ? "good" : "danger"}
              icon={proof.holds ? <SafetyCertificateOutlined /> : <WarningOutlined />}
            >
              {t(proof.holds ? "proof.holds" : "proof.broken", { n: proof.entries })}
            </Tone>
            <span className={styles.quiet}>{format.moment(proof.at, now)}</span>
          </div>
          {proof.faults.map((f) => (
            <p key={f.code}>{f.message}</p>
          ))}
          <p className={styles.quiet}>
            {proof.coveredAt
              ? t("proof.covered", { time: format.moment(proof.coveredAt, now) })
              : t("proof.uncovered")}{" "}
            {proof.waiting > 0 && t("proof.waiting", { n: proof.waiting })}
          </p>
        </>
      ) : (
        <p className={styles.quiet}>{t("proof.never")}</p>
      )}
      <div className={admin.noPrint}>
        <Button loading={prove.isPending} onClick={() => prove.mutate({ path: { id: props.id } })}>
          {t("proof.prove")}
        </Button>
      </div>
      {prove.error && <p role="alert">{errorText(prove.error)}</p>}
    </section>
  );
}
