import { CheckOutlined, ClockCircleOutlined, WarningOutlined } from "@ant-design/icons";
import { Button, Input, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCommand } from "../api";
import type { Schemas } from "../api/types";
import { DayPicker, useToday } from "../dates";
import { Dialog } from "../dialog";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { Tone } from "../theme";
import { Due } from "./Due";
import styles from "./Goals.module.css";
import type { Scope } from "./ScopeSelect";

export type Task = Schemas["CampaignTask"];

export const tones = {
  LATER: "muted",
  OPEN: "primary",
  SOON: "caution",
  OVERDUE: "danger",
  DONE: "good",
} as const;

const icons = {
  LATER: undefined,
  OPEN: <ClockCircleOutlined />,
  SOON: <ClockCircleOutlined />,
  OVERDUE: <WarningOutlined />,
  DONE: <CheckOutlined />,
};

/** What campaigns ask of an organisation and by when; what was sent in is noted with its receipt. */
export function TaskTable({
  tasks,
  organisation,
  onNoted,
}: {
  tasks: Task[];
  organisation: Scope | undefined;
  onNoted: () => void;
}) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const now = useServerNow(60_000);
  const english = useLanguage() === "en";
  const [noting, setNoting] = useState<Task>();
  return (
    <>
      <Table<Task>
        rowKey={(x) => x.id + x.dueOn}
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={tasks}
        columns={[
          {
            key: "name",
            title: t("tasks.name"),
            render: (_, x) => (
              <span className={styles.task}>
                <strong>{english ? x.nameEn : x.nameZh}</strong>
                <span className={styles.quiet}>{english ? x.campaignEn : x.campaignZh}</span>
              </span>
            ),
          },
          {
            key: "to",
            title: t("tasks.to"),
            render: (_, x) => <span className={styles.some}>{english ? x.receiverEn : x.receiverZh}</span>,
          },
          {
            key: "safe",
            title: t("tasks.safe"),
            render: (_, x) => <span className={styles.number}>{format.day(x.safeOn, now)}</span>,
          },
          {
            key: "due",
            title: t("tasks.due"),
            render: (_, x) => <Due day={x.dueOn} open={x.state !== "DONE" && x.state !== "LATER"} />,
          },
          {
            key: "sheet",
            title: t("tasks.sheet"),
            render: (_, x) =>
              x.export && (
                <Link
                  to={`/goals/returns?${organisation ? `org=${organisation.id}&` : ""}sheet=${x.export}#exports`}
                >
                  {x.export}
                </Link>
              ),
          },
          {
            key: "state",
            title: t("tasks.state"),
            render: (_, x) => (
              <span className={styles.bar}>
                <Tone kind={tones[x.state]} icon={icons[x.state]}>
                  {t(`tasks.states.${x.state}`)}
                </Tone>
                {x.state === "DONE" ? (
                  <span className={styles.quiet}>{[x.doneOn, x.receipt].filter(Boolean).join(" · ")}</span>
                ) : (
                  x.state !== "LATER" &&
                  organisation?.own && (
                    <Button
                      size="small"
                      aria-description={`${english ? x.nameEn : x.nameZh} ${x.dueOn}`}
                      onClick={() => setNoting(x)}
                    >
                      {t("tasks.note")}
                    </Button>
                  )
                )}
              </span>
            ),
          },
        ]}
      />
      {noting && organisation && (
        <Noting
          of={noting}
          organisationId={organisation.id}
          onClose={() => setNoting(undefined)}
          onNoted={() => {
            setNoting(undefined);
            onNoted();
          }}
        />
      )}
    </>
  );
}

function Noting({
  of,
  organisationId,
  onClose,
  onNoted,
}: {
  of: Task;
  organisationId: string;
  onClose: () => void;
  onNoted: () => void;
}) {
  const { t } = useTranslation("goals");
  const english = useLanguage() === "en";
  const today = useToday();
  const [doneOn, setDoneOn] = useState(today);
  const [receipt, setReceipt] = useState("");
  const report = useCommand("post", "/api/v1/goals/tasks/{id}/done", { onSuccess: onNoted });
  return (
    <Dialog
      title={`${t("tasks.note")}: ${english ? of.nameEn : of.nameZh} ${of.dueOn}`}
      act={t("tasks.save")}
      busy={report.isPending}
      error={report.error}
      onClose={onClose}
      onAct={() =>
        report.mutate({
          path: { id: of.id },
          body: {
            organisationId,
            dueOn: of.dueOn,
            doneOn,
            ...(receipt.trim() ? { receipt: receipt.trim() } : {}),
          },
        })
      }
    >
      <label htmlFor="task-done">{t("tasks.doneOn")}</label>
      <DayPicker
        id="task-done"
        allowClear={false}
        max={today}
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
    </Dialog>
  );
}
