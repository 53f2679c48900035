import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { useSignalEvent } from "../../signaling";
import { useTold } from "./useTold";

/** Tells a doctor that a colleague asks to take a consultation over, wherever in the application the doctor is. */
export function HandOverWatch() {
  const { t } = useTranslation("desk");
  const { pathname } = useLocation();
  const tell = useTold();
  useSignalEvent("consultation.handover", ({ consultationId, from }) => {
    tell(
      {
        id: consultationId,
        title: t("handOver.title", { name: from }),
        body: t("handOver.body"),
        open: t("handOver.open"),
      },
      // The queue shows it by itself, with its answers.
      pathname !== "/queue" && pathname !== `/work/${consultationId}`,
    );
  });
  return null;
}
