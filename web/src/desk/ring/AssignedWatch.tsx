import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { useSignalEvent } from "../../signaling";
import { useTold } from "./useTold";

/**
 * Tells a doctor that the dispatcher has given a consultation, wherever in the application the doctor is. From the queue it
 * leads there at once; anything else that is open may hold what is being written, and stays until the doctor goes.
 */
export function AssignedWatch() {
  const { t } = useTranslation("desk");
  const { pathname } = useLocation();
  const tell = useTold();
  useSignalEvent("consultation.assigned", ({ consultationId, assignedBy }) => {
    const queue = pathname === "/queue";
    const open = tell(
      {
        id: consultationId,
        title: t("assigned.title", { name: assignedBy }),
        body: t("assigned.body"),
        open: t("assigned.open"),
      },
      !queue && pathname !== `/work/${consultationId}`,
    );
    if (queue) open();
  });
  return null;
}
