import type { ReactNode } from "react";
import styles from "./NurseCall.module.css";

/** A button on the stage beside the call's own: a circle with its word below. */
export function StageButton({
  icon,
  label,
  danger,
  onClick,
}: {
  icon: ReactNode;
  label: string;
  danger?: boolean;
  onClick: () => void;
}) {
  return (
    <button type="button" className={styles.stageButton} data-danger={danger} onClick={onClick}>
      <span className={styles.round} aria-hidden>
        {icon}
      </span>
      <span className={styles.word}>{label}</span>
    </button>
  );
}
