import { Button, DatePicker, Input, Modal, Table } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { useServerNow } from "../clock/useServerNow";
import { Refused } from "../desk/parts/Refused";
import { useLanguage } from "../i18n/useLanguage";
import { Tone } from "../theme";
import styles from "./Goals.module.css";

type Task = Schemas["CampaignTask"];

const tones = {
  LATER: "muted",
  OPEN: "primary",
  SOON: "caution",
  OVERDUE: "danger",
  DONE: "good",
} as const;

/** What campaigns ask of the organisation and by when; what was sent in is noted with its receipt. */
export function Tasks({ organisationId }: { organisationId: string | undefined }) {
  const { t } = useTranslation("goals");
  const english = useLanguage() === "en";
  const organisation = organisationId ? { organisationId } : {};
  const query = useRead("/api/v1/goals/tasks", { query: organisation });
  const [noting, setNoting] = useState<Task>();
  if (!query.data || query.data.length === 0) return null;
  return (
    <section className={styles.card} aria-labelledby="tasks">
      <h2 id="tasks">{t("tasks.title")}</h2>
      <Table<Task>
        rowKey={(x) => x.id + x.dueOn}
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={query.data}
        columns={[
          { key: "name", title: t("tasks.name"), render: (_, x) => (english ? x.nameEn : x.nameZh) },
          {
            key: "campaign",
            title: t("tasks.campaign"),
            render: (_, x) => (english ? x.campaignEn : x.campaignZh),
          },
          { key: "to", title: t("tasks.to"), render: (_, x) => (english ? x.receiverEn : x.receiverZh) },
          { key: "safe", title: t("tasks.safe"), render: (_, x) => x.safeOn },
          { key: "due", title: t("tasks.due"), render: (_, x) => x.dueOn },
          { key: "sheet", title: t("tasks.sheet"), render: (_, x) => x.export },
          {
            key: "state",
            title: t("tasks.state"),
            render: (_, x) => (
              <span className={styles.bar}>
                <Tone kind={tones[x.state]}>{t(`tasks.states.${x.state}`)}</Tone>
                {x.state === "DONE" ? (
                  <span className={styles.quiet}>{[x.doneOn, x.receipt].filter(Boolean).join(" · ")}</span>
                ) : (
                  x.state !== "LATER" && (
                    <Button size="small" onClick={() => setNoting(x)}>
                      {t("tasks.note")}
                    </Button>
                  )
                )}
              </span>
            ),
          },
        ]}
      />
      {noting && (
        <Noting
          of={noting}
          organisation={organisation}
          onClose={() => setNoting(undefined)}
          onNoted={() => {
            setNoting(undefined);
            void query.refetch();
          }}
        />
      )}
    </section>
  );
}

function Noting({
  of,
  organisation,
  onClose,
  onNoted,
}: {
  of: Task;
  organisation: { organisationId?: string };
  onClose: () => void;
  onNoted: () => void;
}) {
  const { t } = useTranslation(["goals", "common"]);
  const english = useLanguage() === "en";
  const now = useServerNow(60_000);
  const [doneOn, setDoneOn] = useState(() => dayjs(now));
  const [receipt, setReceipt] = useState("");
  const report = useCommand("post", "/api/v1/goals/tasks/{id}/done", { onSuccess: onNoted });
  return (
    <Modal
      open
      title={`${t("tasks.note")}: ${english ? of.nameEn : of.nameZh} ${of.dueOn}`}
      okText={t("tasks.save")}
      cancelText={t("common:actions.cancel")}
      confirmLoading={report.isPending}
      onCancel={onClose}
      onOk={() =>
        report.mutate({
          path: { id: of.id },
          body: {
            ...organisation,
            dueOn: of.dueOn,
            doneOn: doneOn.format("YYYY-MM-DD"),
            ...(receipt.trim() ? { receipt: receipt.trim() } : {}),
          },
        })
      }
    >
      <div className={styles.steps}>
        <label htmlFor="task-done">{t("tasks.doneOn")}</label>
        <DatePicker
          id="task-done"
          allowClear={false}
          value={doneOn}
          onChange={(day) => day && setDoneOn(day)}
        />
        <label htmlFor="task-receipt">{t("tasks.receipt")}</label>
        <Input
          id="task-receipt"
          value={receipt}
          maxLength={100}
          onChange={(event) => setReceipt(event.target.value)}
        />
        <Refused error={report.error} />
      </div>
    </Modal>
  );
}
