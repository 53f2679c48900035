import { App, Button } from "antd";
import { useEffect, useEffectEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { useRingtone } from "../../call/sound/useRingtone";
import { useSignalEvent } from "../../signaling";
import { notify } from "./notify";

/** For how long an assignment is heard, ms: it is the doctor's already, and does not ring on. */
const heard = 6000;

/**
 * Tells a doctor that the dispatcher has given a consultation, wherever in the application the doctor is. From the queue it
 * leads there at once; anything else that is open may hold what is being written, and stays until the doctor goes.
 */
export function AssignedWatch() {
  const { t } = useTranslation("desk");
  const { notification } = App.useApp();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const { ring, stop } = useRingtone();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const silence = useEffectEvent(() => {
    clearTimeout(timer.current);
    stop();
  });
  useEffect(() => () => silence(), []);

  useSignalEvent("consultation.assigned", ({ consultationId, assignedBy }) => {
    ring();
    clearTimeout(timer.current);
    timer.current = setTimeout(stop, heard);
    const open = () => {
      clearTimeout(timer.current);
      stop();
      notification.destroy(consultationId);
      void navigate(`/work/${consultationId}`);
    };
    const title = t("assigned.title", { name: assignedBy });
    const shown = document.hasFocus() ? undefined : notify(consultationId, title, t("assigned.body"));
    shown?.addEventListener("click", () => {
      window.focus();
      open();
    });
    const here = pathname === `/work/${consultationId}`;
    if (pathname === "/queue") open();
    else if (!here)
      notification.info({
        key: consultationId,
        title,
        description: t("assigned.body"),
        duration: false,
        actions: (
          <Button type="primary" onClick={open}>
            {t("assigned.open")}
          </Button>
        ),
      });
  });
  return null;
}
