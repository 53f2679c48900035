import type { ReactNode } from "react";
import styles from "./Tone.module.css";

export type ToneKind = "good" | "caution" | "danger" | "claimed" | "primary" | "emergent" | "muted";

/** A short state in words on a tinted background. A colour never stands alone: give the icon and the word. */
export function Tone({ kind, icon, children }: { kind: ToneKind; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={styles.tone} data-kind={kind}>
      {icon && (
        <span className={styles.icon} aria-hidden>
          {icon}
        </span>
      )}
      {children}
    </span>
  );
}
