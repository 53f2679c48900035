import {
  CheckOutlined,
  CustomerServiceOutlined,
  EditOutlined,
  EllipsisOutlined,
  PhoneOutlined,
  UserSwitchOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import { App, Button, Dropdown, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useErrorText } from "../api";
import { useMe } from "../auth/useSession";
import { dialled } from "../bedside/parts/phone";
import { useServerNow } from "../clock/useServerNow";
import { Reading } from "../desk/parts/Reading";
import { useFormat } from "../i18n/useFormat";
import { ReturnDialog } from "../life/ReturnDialog";
import { Tone, UrgencyTag, urgencyTone } from "../theme";
import { Asked } from "./Asked";
import { type BoardRow, lateness, mergeable, nextStep } from "./board";
import type { Decision } from "./BoardPage";
import styles from "./Board.module.css";
import { ReasonDialog } from "../dialog";

/** How many readings a row shows. */
const most = 4;

interface RowProps {
  row: BoardRow;
  /** when the board was read, on the server's clock */
  readAt: string;
  others: readonly BoardRow[];
  onDecide: (decision: Decision) => void;
}

/** One request that waits: since when, what was tried, who looks after it, and what can be done about it. */
export function Row({ row, readAt, others, onDecide }: RowProps) {
  const { t } = useTranslation("board");
  const format = useFormat();
  const { labels } = useCatalogue();
  const { resident } = row;
  const who = t("who", { bed: resident.bed, name: resident.name });
  return (
    <li
      className={styles.row}
      data-id={row.id}
      aria-label={who}
      style={{ borderInlineStartColor: `var(--lz-${urgencyTone(row.urgency)})` }}
    >
      <div className={styles.when}>
        <UrgencyTag urgency={row.urgency} />
        <Late row={row} readAt={readAt} />
      </div>
      <div className={styles.who}>
        <span className={styles.name}>{who}</span>
        <span>
          {format.sex(resident.sex)} {format.age(resident.age)}
        </span>
        <Institution row={row} />
        <span className={styles.tags}>
          <strong>{labels("reasons", row.reasons).join(t("separator"))}</strong>
          {row.redFlags.length > 0 && (
            <Tone kind="danger" icon={<WarningOutlined aria-hidden />}>
              {labels("redFlags", row.redFlags).join(t("separator"))}
            </Tone>
          )}
          {row.mode === "WRITTEN" && (
            <Tone kind="primary" icon={<EditOutlined aria-hidden />}>
              {t("written")}
            </Tone>
          )}
          {row.vitals.slice(0, most).map((v) => (
            <Reading key={v.id} of={v} />
          ))}
        </span>
      </div>
      <div className={styles.tried}>
        <Step row={row} />
        <Asked of={row.asked} />
      </div>
      <div className={styles.acts}>
        <Charge row={row} />
        <Button
          type="primary"
          icon={<UserSwitchOutlined aria-hidden />}
          aria-description={who}
          onClick={() => onDecide("assign")}
        >
          {t("assign.button")}
        </Button>
        <More row={row} who={who} others={others} onDecide={onDecide} />
      </div>
    </li>
  );
}

function Institution({ row }: { row: BoardRow }) {
  const { t } = useTranslation("board");
  const href = row.institutionPhone && dialled(row.institutionPhone);
  return (
    <span className={styles.quiet}>
      {row.institution} {row.department}{" "}
      {href && (
        <a href={href} aria-label={t("call", { name: row.institution, number: row.institutionPhone })}>
          <PhoneOutlined aria-hidden /> {row.institutionPhone}
        </a>
      )}
    </span>
  );
}

function Late({ row, readAt }: { row: BoardRow; readAt: string }) {
  const { t } = useTranslation("board");
  const format = useFormat();
  const now = useServerNow();
  const late = lateness(row, readAt, now);
  return (
    <>
      <span className={styles.late} data-late={late > 0}>
        {late > 0 ? t("lateBy", { span: format.span(late) }) : t("left", { span: format.span(-late) })}
      </span>
      <span className={styles.quiet}>{t("since", { time: format.moment(row.offeredAt, now) })}</span>
    </>
  );
}

function Step({ row }: { row: BoardRow }) {
  const { t } = useTranslation("board");
  const format = useFormat();
  const now = useServerNow(10_000);
  const next = nextStep(row);
  return (
    <span className={styles.step}>
      <span className={styles.quiet}>{t("step.title")}</span> <strong>{stepName(t, row.ladderStep)}</strong>{" "}
      {row.nextStepAt && next && Date.parse(row.nextStepAt) > now.getTime() && (
        <span className={styles.quiet}>
          {t("step.next", { time: format.moment(row.nextStepAt, now), step: stepName(t, next) })}
        </span>
      )}
    </span>
  );
}

type T = ReturnType<typeof useTranslation<"board">>["t"];

export function stepName(t: T, step: number): string {
  return t(`step.s${Math.min(4, Math.max(0, step)) as 0 | 1 | 2 | 3 | 4}`);
}

/** Who looks after the request; taking it over from a colleague asks first. */
function Charge({ row }: { row: BoardRow }) {
  const { t } = useTranslation("board");
  const me = useMe();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const take = useCommand("post", "/api/v1/consultations/{id}/take-charge", {
    onError: (error) => void message.error(errorText(error)),
  });
  const act = () => take.mutate({ path: { id: row.id }, body: { epoch: row.epoch } });
  const { dispatcher } = row;
  if (dispatcher?.id === me.id) {
    return (
      <Tone kind="good" icon={<CheckOutlined aria-hidden />}>
        {t("charge.mine")}
      </Tone>
    );
  }
  if (dispatcher) {
    return (
      <>
        <Tone kind="claimed" icon={<CustomerServiceOutlined aria-hidden />}>
          {t("charge.by", { name: dispatcher.name })}
        </Tone>
        <Popconfirm title={t("charge.takeOverAsk", { name: dispatcher.name })} onConfirm={act}>
          <Button loading={take.isPending}>{t("charge.takeOver")}</Button>
        </Popconfirm>
      </>
    );
  }
  return (
    <Button icon={<CustomerServiceOutlined aria-hidden />} loading={take.isPending} onClick={act}>
      {t("charge.take")}
    </Button>
  );
}

/** What is done more rarely; each asks before it does what cannot be undone, and is greyed with the reason where it makes no sense. */
function More({
  row,
  who,
  others,
  onDecide,
}: {
  row: BoardRow;
  who: string;
  others: readonly BoardRow[];
  onDecide: (decision: Decision) => void;
}) {
  const { t } = useTranslation(["board", "life", "common"]);
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const next = nextStep(row);
  const widen = useCommand("post", "/api/v1/consultations/{id}/widen", {
    onSuccess: () => next && void message.success(t("widen.done", { step: stepName(t, next) })),
    onError: (error) => void message.error(errorText(error)),
  });
  const written = row.mode === "WRITTEN";
  const alone = mergeable(others, row).length === 0;
  const critical = row.urgency === "CRITICAL";
  const ask = (step: number) =>
    modal.confirm({
      title: t("widen.ask", { step: stepName(t, step) }),
      content: t("widen.body"),
      okText: t("widen.button"),
      onOk: () => widen.mutate({ path: { id: row.id }, body: { epoch: row.epoch } }),
    });
  const [act, setAct] = useState<"giveBack" | "decline">();
  const { options } = useCatalogue();
  const decline = useCommand("post", "/api/v1/consultations/{id}/decline-request", {
    onSuccess: () => void message.success(t("life:decline.done")),
  });
  return (
    <>
      <Dropdown
        trigger={["click"]}
        placement="bottomRight"
        menu={{
          items: [
            {
              key: "widen",
              label: next ? t("widen.button") : t("widen.none"),
              disabled: !next,
              onClick: () => next && ask(next),
            },
            {
              key: "merge",
              label: alone ? t("merge.none") : t("merge.button"),
              disabled: alone,
              onClick: () => onDecide("merge"),
            },
            {
              key: "giveBack",
              label: t("life:giveBack.button"),
              disabled: critical,
              onClick: () => setAct("giveBack"),
            },
            {
              key: "decline",
              label: t("life:decline.button"),
              danger: true,
              onClick: () => setAct("decline"),
            },
            ...(written
              ? []
              : [
                  {
                    key: "convert",
                    label: critical ? t("convert.never") : t("convert.button"),
                    disabled: critical,
                    onClick: () => onDecide("convert"),
                  },
                ]),
          ],
        }}
      >
        <Button
          icon={<EllipsisOutlined aria-hidden />}
          loading={widen.isPending}
          aria-label={t("moreFor", { who })}
          aria-haspopup="menu"
        >
          {t("more")}
        </Button>
      </Dropdown>
      {act === "giveBack" && (
        <ReturnDialog
          of={row}
          onClose={() => setAct(undefined)}
          onDone={() => void message.success(t("life:giveBack.done"))}
        />
      )}
      {act === "decline" && (
        <ReasonDialog
          title={t("life:decline.title", { who })}
          body={t("life:decline.body")}
          act={t("life:decline.confirm")}
          danger
          reasons={options("declineReasons")}
          busy={decline.isPending}
          error={decline.error}
          onClose={() => {
            decline.reset();
            setAct(undefined);
          }}
          onSend={({ reason, words: note }) =>
            decline.mutate({
              path: { id: row.id },
              body: { epoch: row.epoch, reason, ...(note ? { note } : {}) },
            })
          }
        />
      )}
    </>
  );
}
