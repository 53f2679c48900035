import { useTranslation } from "react-i18next";
import type { Consultation } from "../../api";
import { useCall } from "../../call/useCall";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Note } from "../parts/Note";
import { pauseOf } from "./progress";

/** That the consultation pauses, for how long already, and until when the place is kept. */
export function PauseNote({ c }: { c: Consultation }) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const now = useServerNow();
  const { active, consultationId } = useCall();
  const pause = pauseOf(c);
  if (!pause) return null;
  const time = format.stopwatch((now.getTime() - pause.since.getTime()) / 1000);
  const until = format.clock(pause.until);
  return (
    <Note
      kind="paused"
      more={active && consultationId === c.id ? t("work.pausedBody") : t("work.pausedAway")}
    >
      {pause.late ? t("work.pausedLate", { time, until }) : t("work.paused", { time, until })}
    </Note>
  );
}
