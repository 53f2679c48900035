import { App, Button } from "antd";
import { useEffect, useEffectEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { useRingtone } from "../../call/sound/useRingtone";
import { useSignalEvent } from "../../signaling";
import { notify } from "./notify";

/** For how long a request to take over is heard, ms. */
const heard = 6000;

/** Tells a doctor that a colleague asks to take a consultation over, wherever in the application the doctor is. */
export function HandOverWatch() {
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

  useSignalEvent("consultation.handover", ({ consultationId, from }) => {
    ring();
    clearTimeout(timer.current);
    timer.current = setTimeout(stop, heard);
    const open = () => {
      clearTimeout(timer.current);
      stop();
      notification.destroy(consultationId);
      void navigate(`/work/${consultationId}`);
    };
    const title = t("handOver.title", { name: from });
    const shown = document.hasFocus() ? undefined : notify(consultationId, title, t("handOver.body"));
    shown?.addEventListener("click", () => {
      window.focus();
      open();
    });
    // The queue shows it by itself, with its answers.
    if (pathname !== "/queue" && pathname !== `/work/${consultationId}`)
      notification.info({
        key: consultationId,
        title,
        description: t("handOver.body"),
        duration: false,
        actions: (
          <Button type="primary" onClick={open}>
            {t("handOver.open")}
          </Button>
        ),
      });
  });
  return null;
}
