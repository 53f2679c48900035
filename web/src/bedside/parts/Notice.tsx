import { CheckCircleOutlined, InfoCircleOutlined, WarningOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import styles from "./Notice.module.css";

const icons = {
  good: CheckCircleOutlined,
  primary: InfoCircleOutlined,
  caution: WarningOutlined,
  danger: WarningOutlined,
};

/** One sentence that matters now, with a way on at its end. */
export function Notice({
  kind,
  children,
  action,
}: {
  kind: keyof typeof icons;
  children: ReactNode;
  action?: ReactNode;
}) {
  const Icon = icons[kind];
  return (
    <div className={styles.notice} data-kind={kind}>
      <Icon aria-hidden />
      <div className={styles.words}>{children}</div>
      {action}
    </div>
  );
}
