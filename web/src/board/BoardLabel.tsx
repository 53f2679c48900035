import { Badge } from "antd";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useRingtone } from "../call/sound/useRingtone";
import { useServerNow } from "../clock/useServerNow";
import { notify } from "../desk/ring/notify";
import { badgeTitle } from "../desk/ring/titleBadge";
import { useSignalEvent } from "../signaling";
import { unattended } from "./board";
import { useBoard } from "./useBoard";

/** For how long an alert is heard, ms. It says that the board wants to be looked at; the board itself says the rest. */
const heard = 6000;

/** A sound when a request has become the dispatcher's. */
function useAlarm(): void {
  const { ring, stop } = useRingtone();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useSignalEvent("dispatcher.alert", () => {
    ring();
    clearTimeout(timer.current);
    timer.current = setTimeout(stop, heard);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      stop();
    },
    [stop],
  );
}

/**
 * The board's entry in the main menu. It stands on every page of a dispatcher, therefore it also tells of late requests that
 * nobody is in charge of: by a number, in the window's title, and by a notification on the desktop with bed and institution only.
 */
export function BoardLabel() {
  const { t } = useTranslation("board");
  const board = useBoard().data;
  const now = useServerNow(5000);
  const late = board ? unattended(board, now) : [];
  const n = late.length;

  useAlarm();
  useEffect(() => (n > 0 ? badgeTitle(n) : undefined), [n]);

  // Named by their ids, so that the effect runs when another becomes late and not for each reading of the board.
  const ids = late.map((row) => row.id).join(" ");
  useEffect(() => {
    if (!ids || document.hasFocus()) return undefined;
    const shown = late.map(({ id, institution, resident }) =>
      notify(id, t("notify.title", { institution, bed: resident.bed }), t("notify.body")),
    );
    return () => {
      for (const notification of shown) notification?.close();
    };
    // oxlint-disable-next-line react/exhaustive-deps -- `late` is named by `ids`
  }, [ids]);

  return (
    <Badge count={n} size="small" offset={[8, 0]}>
      <span aria-hidden={n > 0} style={{ color: "inherit", fontSize: "inherit" }}>
        {t("nav")}
      </span>
      {n > 0 && <span className="visually-hidden">{t("navCount", { n })}</span>}
    </Badge>
  );
}
