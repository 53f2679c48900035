import { Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { UrgencyTag } from "../theme";
import { type BoardRow, mergeable } from "./board";
import styles from "./Board.module.css";
import { Dialog } from "../dialog";

const reasons = ["SAME_PERSON", "WRONG_RESIDENT"] as const;

/**
 * Ends a duplicate: it is cancelled and points to the request that goes on. Two residents are two people, unless one was entered
 * twice or picked by mistake: the dispatcher says which.
 */
export function MergeDialog({
  row,
  rows,
  onClose,
  onDone,
}: {
  row: BoardRow;
  rows: readonly BoardRow[];
  onClose: () => void;
  onDone: (text: string) => void;
}) {
  const { t } = useTranslation(["board", "common"]);
  const format = useFormat();
  const now = useServerNow(30_000);
  const { labels } = useCatalogue();
  const [chosen, setChosen] = useState<string>();
  const [why, setWhy] = useState<(typeof reasons)[number]>();
  const whoIs = (r: BoardRow) => t("who", { bed: r.resident.bed, name: r.resident.name });
  const list = mergeable(rows, row);
  const into = list.find((r) => r.id === chosen);
  const merge = useCommand("post", "/api/v1/consultations/{id}/merge", {
    onSuccess: () => into && onDone(t("merge.done", { who: whoIs(into) })),
  });
  return (
    <Dialog
      title={t("merge.title", { who: whoIs(row) })}
      onClose={onClose}
      act={t("merge.confirm")}
      danger
      busy={merge.isPending}
      ready={into !== undefined && why !== undefined}
      error={merge.error}
      onAct={() =>
        into && why && merge.mutate({ path: { id: row.id }, body: { epoch: row.epoch, into: into.id, why } })
      }
    >
      <p>{t("merge.body")}</p>
      <Radio.Group
        aria-label={t("merge.why")}
        className={styles.choices}
        value={why}
        onChange={(event) => setWhy(event.target.value as (typeof reasons)[number])}
      >
        {reasons.map((reason) => (
          <Radio key={reason} value={reason} className={styles.choice}>
            {t(`merge.reasons.${reason}`)}
          </Radio>
        ))}
      </Radio.Group>
      <strong>{t("merge.choose")}</strong>
      <Radio.Group
        aria-label={t("merge.choose")}
        className={styles.choices}
        value={chosen}
        onChange={(event) => setChosen(String(event.target.value))}
      >
        {list.map((r) => (
          <Radio key={r.id} value={r.id} className={styles.choice}>
            <span className={styles.candidate}>
              <UrgencyTag urgency={r.urgency} />
              <strong>{whoIs(r)}</strong>
              <span>
                {format.sex(r.resident.sex)} {format.age(r.resident.age)}
              </span>
              <span>{labels("reasons", r.reasons).join(t("separator"))}</span>
              <span className={styles.quiet}>
                {t("since", { time: format.moment(r.offeredAt, now) })} {r.serial}
              </span>
            </span>
          </Radio>
        ))}
      </Radio.Group>
    </Dialog>
  );
}
