import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useRead } from "../../api";
import { useRingtone } from "../../call/sound/useRingtone";
import { useSignalEvent } from "../../signaling";
import { notify } from "./notify";
import { audible, reconciled, started, stopped } from "./rings";
import { badgeTitle } from "./titleBadge";
import { useRings } from "./useRings";

/** How often an unanswered call is shown again on the desktop, ms. */
const again = 20_000;

/**
 * Rings while a call waits for this doctor, wherever in the application the doctor is: ringtone, the number in the window's
 * title, and a notification on the desktop with bed and institution only, since others may see that screen. Ends for all
 * reasons with `ring.stop`.
 */
export function RingWatch() {
  const { t } = useTranslation("desk");
  const { rings, change } = useRings();
  const { ring, stop } = useRingtone();
  const navigate = useNavigate();
  const queue = useRead("/api/v1/queue").data;
  const heard = audible(rings);
  const count = rings.ringing.length;

  useSignalEvent("ring", (event) => change((known) => started(known, event)));
  useSignalEvent("ring.stop", ({ consultationId }) => change((known) => stopped(known, consultationId)));
  useEffect(() => {
    if (queue) change((known) => reconciled(known, queue));
  }, [queue, change]);

  const loud = heard.length > 0;
  useEffect(() => {
    if (!loud) return undefined;
    ring();
    return stop;
  }, [loud, ring, stop]);

  useEffect(() => (count > 0 ? badgeTitle(count) : undefined), [count]);

  // Named by their ids, so that the effect runs for a change of what rings and not for each reading of the queue.
  const ids = heard.map((r) => r.consultationId).join(" ");
  useEffect(() => {
    if (!ids) return undefined;
    let shown: Notification[] = [];
    const close = () => {
      for (const notification of shown) notification.close();
      shown = [];
    };
    const show = () => {
      close();
      if (document.hasFocus()) return;
      shown = heard.flatMap((r) => {
        const notification = notify(r.consultationId, t("ring.title", { ...r }), t("ring.body"));
        if (!notification) return [];
        notification.addEventListener("click", () => {
          window.focus();
          void navigate("/queue");
        });
        return [notification];
      });
    };
    show();
    const timer = setInterval(show, again);
    return () => {
      clearInterval(timer);
      close();
    };
    // oxlint-disable-next-line react/exhaustive-deps -- `heard` is named by `ids`
  }, [ids]);

  return null;
}
