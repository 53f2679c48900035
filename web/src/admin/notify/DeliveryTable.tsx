import {
  CheckOutlined,
  ClockCircleOutlined,
  CloseCircleOutlined,
  MinusOutlined,
  RedoOutlined,
} from "@ant-design/icons";
import { Button, Table, type TableProps } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/types";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Tone, type ToneKind, UrgencyTag } from "../../theme";
import styles from "./Notify.module.css";

type Delivery = Schemas["NotificationDelivery"];

const looks: Record<Delivery["state"], [ToneKind, ReactNode]> = {
  WAITING: ["muted", <ClockCircleOutlined key="i" />],
  SENDING: ["primary", <ClockCircleOutlined key="i" />],
  RETRYING: ["caution", <RedoOutlined key="i" />],
  DELIVERED: ["good", <CheckOutlined key="i" />],
  STOPPED: ["muted", <MinusOutlined key="i" />],
  DEAD: ["danger", <CloseCircleOutlined key="i" />],
};

/** What was sent by which channel and what came of it. With `onRetry` people and channels are named and dead letters taken up again. */
export function DeliveryTable({
  rows,
  onRetry,
  retrying,
}: {
  rows: readonly Delivery[];
  onRetry?: (delivery: Delivery) => void;
  retrying?: string | undefined;
}) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const now = useServerNow(30_000);
  const columns: NonNullable<TableProps<Delivery>["columns"]> = [
    { title: t("notify.columns.at"), render: (_, d) => format.moment(d.createdAt, now) },
    {
      title: t("notify.columns.event"),
      render: (_, d) => (
        <span className={styles.line}>
          {t(`notify.events.${d.event}`)}
          {d.urgency && <UrgencyTag urgency={d.urgency} />}
          {d.round > 0 && <span className={styles.quiet}>{t("notify.round", { n: d.round })}</span>}
        </span>
      ),
    },
    {
      title: t("notify.columns.channel"),
      render: (_, d) => [t(`notify.channels.${d.channel}`), d.channelName].filter(Boolean).join(" "),
    },
    ...(onRetry
      ? [
          {
            title: t("notify.columns.person"),
            render: (_: unknown, d: Delivery) => d.userName ?? (d.family ? t("notify.columns.family") : "–"),
          },
        ]
      : []),
    {
      title: t("notify.columns.state"),
      render: (_, d) => {
        const [kind, icon] = looks[d.state];
        return (
          <span className={styles.line}>
            <Tone kind={kind} icon={icon}>
              {t(`notify.states.${d.state}`)}
            </Tone>
            {d.error && <span className={styles.quiet}>{d.error}</span>}
            {d.state === "RETRYING" && d.dueAt && (
              <span className={styles.quiet}>{t("notify.again", { time: format.moment(d.dueAt, now) })}</span>
            )}
          </span>
        );
      },
    },
    ...(onRetry
      ? [
          {
            key: "acts",
            render: (_: unknown, d: Delivery) =>
              d.state === "DEAD" && (
                <Button
                  size="small"
                  icon={<RedoOutlined aria-hidden />}
                  loading={retrying === d.id}
                  onClick={() => onRetry(d)}
                >
                  {t("notify.retry")}
                </Button>
              ),
          },
        ]
      : []),
  ];
  return (
    <Table<Delivery>
      rowKey="id"
      size="middle"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      columns={columns}
      locale={{ emptyText: t("notify.logEmpty") }}
    />
  );
}
