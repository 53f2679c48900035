import {
  BellOutlined,
  CheckCircleOutlined,
  ClockCircleOutlined,
  InfoCircleOutlined,
  TeamOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import styles from "./Notice.module.css";

const icons = {
  good: CheckCircleOutlined,
  primary: InfoCircleOutlined,
  claimed: TeamOutlined,
  ring: BellOutlined,
  caution: WarningOutlined,
  paused: ClockCircleOutlined,
  danger: WarningOutlined,
};

/** One sentence that matters now, with a way on at its end. */
export function Notice({
  kind,
  children,
  more,
  action,
}: {
  kind: keyof typeof icons;
  children: ReactNode;
  /** a second, quieter sentence */
  more?: ReactNode;
  action?: ReactNode;
}) {
  const Icon = icons[kind];
  return (
    <div
      className={styles.notice}
      data-kind={kind === "paused" ? "caution" : kind === "ring" ? "claimed" : kind}
    >
      <Icon aria-hidden />
      <div className={styles.words}>
        <div>{children}</div>
        {more && <span className={styles.more}>{more}</span>}
      </div>
      {action}
    </div>
  );
}
