import { PauseCircleOutlined } from "@ant-design/icons";
import type { Consultation } from "../../api";
import { usePauseWords } from "../../call/usePauseWords";
import styles from "./NurseCall.module.css";

/** That the consultation pauses: for how long already, who is missing, and until when the place is kept. */
export function Paused({ c }: { c: Consultation }) {
  const pause = usePauseWords(c, "CARE");
  if (!pause) return null;
  return (
    <div className={styles.paused}>
      <PauseCircleOutlined aria-hidden />
      <p>
        <strong role="timer">{pause.time}</strong>
        <span>{pause.who}</span>
      </p>
    </div>
  );
}
