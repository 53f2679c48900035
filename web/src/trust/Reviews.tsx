import { CheckOutlined, ClockCircleOutlined, CloseCircleOutlined } from "@ant-design/icons";
import { Button, Input, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Trust.module.css";
import { Dialog } from "../dialog";

type Glass = Schemas["BreakGlass"];

/** Emergency accesses, those to be reviewed first. */
export function Reviews() {
  const { t } = useTranslation("trust");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(30_000);
  const list = useRead("/api/v1/break-glass", {}, { refetchInterval: 60_000 });
  const [asked, setAsked] = useState<{ glass: Glass; justified: boolean }>();
  return (
    <>
      <p className={styles.quiet}>{t("review.note")}</p>
      <Loaded query={list}>
        {(rows) => (
          <Table<Glass>
            rowKey="id"
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("review.empty") }}
            columns={[
              { title: t("review.columns.when"), render: (_, g) => format.moment(g.openedAt, now) },
              {
                title: t("review.columns.who"),
                render: (_, g) => (
                  <span className={styles.cell}>
                    {[g.userName, label("roles", g.role)].join(" ")}
                    <span className={styles.quiet}>{g.userOrganisation}</span>
                  </span>
                ),
              },
              {
                title: t("review.columns.whose"),
                render: (_, g) => (
                  <span className={styles.cell}>
                    {g.residentName}
                    {g.bed && <span className={styles.quiet}>{t("accesses.bed", { bed: g.bed })}</span>}
                  </span>
                ),
              },
              {
                title: t("review.columns.why"),
                render: (_, g) => (
                  <span className={styles.cell}>
                    <span className={styles.reason}>{g.reason}</span>
                    <span className={styles.quiet}>{t("review.opened", { n: g.opened })}</span>
                  </span>
                ),
              },
              {
                title: t("review.columns.state"),
                render: (_, g) => (
                  <State of={g} now={now} onAsk={(justified) => setAsked({ glass: g, justified })} />
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {asked && (
        <ReviewDialog
          key={asked.glass.id}
          {...asked}
          onClose={() => setAsked(undefined)}
          onDone={() => {
            setAsked(undefined);
            void list.refetch();
          }}
        />
      )}
    </>
  );
}

function State({ of, now, onAsk }: { of: Glass; now: Date; onAsk: (justified: boolean) => void }) {
  const { t } = useTranslation("trust");
  const format = useFormat();
  if (of.justified === undefined)
    return (
      <span className={styles.cell}>
        <Tone kind="caution" icon={<ClockCircleOutlined />}>
          {of.inForce ? t("review.inForce", { time: format.clock(of.expiresAt) }) : t("review.open")}
        </Tone>
        <span className={`${styles.line} ${styles.acts}`}>
          <Button size="small" aria-description={of.userName} onClick={() => onAsk(true)}>
            {t("review.justify")}
          </Button>
          <Button size="small" danger aria-description={of.userName} onClick={() => onAsk(false)}>
            {t("review.reject")}
          </Button>
        </span>
      </span>
    );
  return (
    <span className={styles.cell}>
      {of.justified ? (
        <Tone kind="good" icon={<CheckOutlined />}>
          {t("review.justified")}
        </Tone>
      ) : (
        <Tone kind="danger" icon={<CloseCircleOutlined />}>
          {t("review.notJustified")}
        </Tone>
      )}
      {of.note && <span className={styles.reason}>{of.note}</span>}
      {of.reviewedAt && (
        <span className={styles.quiet}>
          {t("review.by", { name: of.reviewer ?? "", time: format.moment(of.reviewedAt, now) })}
        </span>
      )}
    </span>
  );
}

function ReviewDialog({
  glass,
  justified,
  onClose,
  onDone,
}: {
  glass: Glass;
  justified: boolean;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation(["trust", "common"]);
  const [note, setNote] = useState("");
  const review = useCommand("post", "/api/v1/break-glass/{id}/review", { onSuccess: onDone });
  return (
    <Dialog
      title={justified ? t("review.justify") : t("review.reject")}
      onClose={onClose}
      act={t("review.confirm")}
      danger={!justified}
      busy={review.isPending}
      ready={justified || note.trim().length >= 4}
      error={review.error}
      onAct={() =>
        review.mutate({
          path: { id: glass.id },
          body: { justified, ...(note.trim() ? { note: note.trim() } : {}) },
        })
      }
    >
      <p>{[glass.userName, glass.userOrganisation, glass.residentName].join(" · ")}</p>
      <p className={styles.reason}>{glass.reason}</p>
      <div className={styles.field}>
        <label htmlFor="review-note">{t("review.note_")}</label>
        <Input.TextArea
          id="review-note"
          value={note}
          rows={3}
          maxLength={300}
          onChange={(event) => setNote(event.target.value)}
        />
        <span className={styles.quiet}>{t("review.noteHint")}</span>
      </div>
    </Dialog>
  );
}
