import { CheckOutlined, MinusOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import type { LogRow } from "../api";
import styles from "./Admin.module.css";

/** Which of the three proofs a row has: consent, signed opinion, decision of the inviting side. */
export function Evidence({ row }: { row: Pick<LogRow, "consent" | "reported" | "adopted"> }) {
  const { t } = useTranslation(["admin", "common"]);
  const proofs = [
    [t("log.evidence.consent"), row.consent],
    [t("log.evidence.report"), row.reported],
    [t("log.evidence.adoption"), row.adopted],
  ] as const;
  return (
    <span className={styles.proofs}>
      {proofs.map(([name, there]) => (
        <span key={name} className={there ? styles.there : styles.absent}>
          {there ? <CheckOutlined aria-hidden /> : <MinusOutlined aria-hidden />}
          <span className="visually-hidden">{there ? "✓" : "–"}</span>
          {name}
        </span>
      ))}
    </span>
  );
}
