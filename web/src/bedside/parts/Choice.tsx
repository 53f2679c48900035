import { CheckCircleFilled } from "@ant-design/icons";
import type { ReactNode } from "react";
import styles from "./Choice.module.css";

interface ChoiceProps {
  chosen: boolean;
  onClick: () => void;
  children: ReactNode;
  /** a second, quieter line */
  hint?: ReactNode;
  icon?: ReactNode;
  tone?: "primary" | "danger";
  disabled?: boolean;
  /** read out instead of the content */
  label?: string;
}

/** A large chip that is on or off: colour, border and a tick say so, and aria-pressed to a screen reader. */
export function Choice({
  chosen,
  onClick,
  children,
  hint,
  icon,
  tone = "primary",
  disabled,
  label,
}: ChoiceProps) {
  return (
    <button
      type="button"
      className={styles.choice}
      data-tone={tone}
      aria-pressed={chosen}
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      {icon && (
        <span className={styles.icon} aria-hidden>
          {icon}
        </span>
      )}
      <span className={styles.words}>
        <span>{children}</span>
        {hint && <span className={styles.hint}>{hint}</span>}
      </span>
      {chosen && <CheckCircleFilled className={styles.tick} aria-hidden />}
    </button>
  );
}

/** Chips that belong together, with the question that they answer. */
export function Choices({
  label,
  children,
  columns = "auto",
}: {
  label: string;
  children: ReactNode;
  columns?: "auto" | "three" | "one";
}) {
  return (
    <div role="group" aria-label={label} className={styles.choices} data-columns={columns}>
      {children}
    </div>
  );
}
