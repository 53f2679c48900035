import { Button, Modal } from "antd";
import { useTranslation } from "react-i18next";
import styles from "./Life.module.css";
import { useFactor } from "./useFactor";

/** Asks for the second factor before an online follow-up is taken (G-IH-06), then takes it. */
export function FactorDialog({
  consultationId,
  onClose,
  onConfirmed,
}: {
  consultationId: string;
  onClose: () => void;
  onConfirmed: () => void;
}) {
  const { t } = useTranslation(["life", "common"]);
  const factor = useFactor(consultationId, "RECEPTION");
  return (
    <Modal
      open
      title={t("factor.reception")}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:actions.cancel")}</Button>
          <Button
            type="primary"
            loading={factor.busy}
            disabled={!factor.ready}
            onClick={() => void factor.before(() => Promise.resolve(onConfirmed())).catch(() => undefined)}
          >
            {t("factor.confirm")}
          </Button>
        </>
      }
    >
      <div className={styles.dialog}>
        <p>{t("factor.receptionHint")}</p>
        {factor.field}
      </div>
    </Modal>
  );
}
