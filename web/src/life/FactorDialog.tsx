import { useTranslation } from "react-i18next";
import { Dialog } from "../dialog";
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
  const { t } = useTranslation("life");
  const factor = useFactor(consultationId, "RECEPTION");
  return (
    <Dialog
      title={t("factor.reception")}
      onClose={onClose}
      act={t("factor.confirm")}
      busy={factor.busy}
      ready={factor.ready}
      onAct={() => void factor.before(() => Promise.resolve(onConfirmed())).catch(() => undefined)}
    >
      <p>{t("factor.receptionHint")}</p>
      {factor.field}
    </Dialog>
  );
}
