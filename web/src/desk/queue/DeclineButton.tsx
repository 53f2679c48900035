import { CloseCircleOutlined } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type QueueItem, useCatalogue, useCommand } from "../../api";
import styles from "./Queue.module.css";
import { Refused } from "../../dialog";

/**
 * Says no to a request that rings: a reason is one tap, and the request rings somebody else. Words may be added by those who
 * have time for them.
 */
export function DeclineButton({
  item,
  who,
  onDeclined,
}: {
  item: QueueItem;
  who: string;
  onDeclined?: ((item: QueueItem) => void) | undefined;
}) {
  const { t } = useTranslation("desk");
  const { options } = useCatalogue();
  const [open, setOpen] = useState(false);
  const decline = useCommand("post", "/api/v1/consultations/{id}/decline", {
    onSuccess: () => {
      setOpen(false);
      onDeclined?.(item);
    },
  });
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      open={open}
      onOpenChange={(next) => {
        decline.reset();
        setOpen(next);
      }}
      content={
        <div className={styles.decline} role="group" aria-label={t("queue.declineWhy", { who })}>
          <strong>{t("queue.declineWhy", { who })}</strong>
          <span className={styles.chips}>
            {options("declineReasons").map(({ value, label }) => (
              <Button
                key={value}
                shape="round"
                disabled={decline.isPending}
                loading={decline.isPending && decline.variables?.body.reason === value}
                onClick={() =>
                  decline.mutate({ path: { id: item.id }, body: { epoch: item.epoch, reason: value } })
                }
              >
                {label}
              </Button>
            ))}
          </span>
          <span className={styles.quiet}>{t("queue.declineHint")}</span>
          <Refused error={decline.error} />
        </div>
      }
    >
      <Button icon={<CloseCircleOutlined aria-hidden />} aria-description={who}>
        {t("queue.decline")}
      </Button>
    </Popover>
  );
}
