import { WarningOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useErrorText } from "../../api";
import styles from "./Notice.module.css";

/** What went wrong with an act, next to the button that did it; nothing without an error. */
export function Refused({ error, children }: { error: unknown; children?: ReactNode }) {
  const text = useErrorText();
  return (
    <div role="alert" className={error ? styles.notice : undefined} data-kind="danger">
      {error ? (
        <>
          <WarningOutlined aria-hidden />
          <span className={styles.words}>{text(error)}</span>
          {children}
        </>
      ) : null}
    </div>
  );
}
