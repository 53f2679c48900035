import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Consultation } from "../../api";
import { usePauseWords } from "../../call/usePauseWords";
import { Notice } from "../../theme";

/** That the consultation pauses: for how long already, who is missing, and until when the place is kept. */
export function PauseNote({ c, onEnter }: { c: Consultation; onEnter: () => void }) {
  const { t } = useTranslation("desk");
  const pause = usePauseWords(c, "MEDICAL");
  if (!pause) return null;
  const mayEnter = !pause.here && c.actions.includes("getTicket");
  return (
    <Notice
      kind="paused"
      more={pause.who}
      action={
        mayEnter && (
          <Button type="primary" onClick={onEnter}>
            {t("work.resume")}
          </Button>
        )
      }
    >
      <span role="timer">{pause.time}</span>
    </Notice>
  );
}
