import {
  CameraOutlined,
  EditOutlined,
  PhoneOutlined,
  SolutionOutlined,
  UserSwitchOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { type QueueItem, useCatalogue } from "../../api";
import { StateTag } from "../../admin/StateTag";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { ReportDue } from "../../life/ReportDue";
import { Tone, UrgencyTag, urgencyTone } from "../../theme";
import { Dots } from "../parts/Dots";
import { PersonFlags } from "../parts/PersonFlags";
import { Reading } from "../parts/Reading";
import { DeclineButton } from "./DeclineButton";
import { waited } from "./pace";
import styles from "./Queue.module.css";
import { RingTime } from "./RingTime";

/** Where a row belongs: to the doctor, to nobody yet, to a colleague. */
export type RowKind = "mine" | "waiting" | "taken";

interface QueueRowProps {
  item: QueueItem;
  kind: RowKind;
  selected: boolean;
  ringing: boolean;
  busy: boolean;
  /** another row is being answered */
  blocked: boolean;
  onSelect: () => void;
  onAct: () => void;
  onDeclined?: (item: QueueItem) => void;
}

/** How many readings a row shows; the case card has them all. */
const most = 5;

/** One person who waits, with the one thing to do. */
export function QueueRow(props: QueueRowProps) {
  const { item, kind, selected, ringing, busy, blocked, onSelect, onAct, onDeclined } = props;
  const { t } = useTranslation("desk");
  const format = useFormat();
  const { labels } = useCatalogue();
  const { resident } = item;
  const who = t("bedAndName", { bed: resident.bed, name: resident.name });
  const tone = kind === "taken" ? "muted" : urgencyTone(item.urgency);
  return (
    <div
      role="row"
      className={styles.row}
      data-kind={kind}
      data-ringing={ringing}
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      id={`row-${item.id}`}
      style={{ borderInlineStartColor: `var(--lz-${tone})` }}
      onFocus={onSelect}
    >
      <div role="gridcell" className={styles.urgency}>
        <UrgencyTag urgency={item.urgency} />
        {kind === "waiting" && <Wait item={item} />}
        {kind === "mine" && <StateTag state={item.state} />}
        {kind === "taken" && (
          <Tone kind="claimed">{t("queue.takenBy", { doctor: item.doctorName ?? "" })}</Tone>
        )}
      </div>
      <div role="gridcell" className={styles.who}>
        <span className={styles.name}>{who}</span>
        <span>
          {format.sex(resident.sex)} {format.age(resident.age)}
        </span>
        <span className={styles.quiet}>{item.institution}</span>
        <span className={styles.tags}>
          <PersonFlags hearingImpaired={resident.hearingImpaired} language={resident.language} />
          <Marks item={item} />
        </span>
      </div>
      <div role="gridcell" className={styles.why}>
        <span className={styles.reasons}>
          <strong>{labels("reasons", item.reasons).join(t("listSeparator"))}</strong>
          {item.redFlags.length > 0 && kind !== "taken" && (
            <Tone kind="danger" icon={<WarningOutlined aria-hidden />}>
              {labels("redFlags", item.redFlags).map(shortFlag).join(t("listSeparator"))}
            </Tone>
          )}
        </span>
        {item.vitals.length > 0 && (
          <span className={styles.vitals}>
            {item.vitals.slice(0, most).map((v) => (
              <Reading key={v.id} of={v} />
            ))}
          </span>
        )}
        {kind === "waiting" && item.vitals.length === 0 && (
          <span className={styles.quiet}>{t("queue.noVitals")}</span>
        )}
      </div>
      <div role="gridcell" className={styles.facts}>
        {kind !== "taken" && <Dots n={item.completeness} />}
        <span className={styles.quiet}>{item.department}</span>
        {kind === "mine" && item.state === "SCHEDULED" && item.slot && <Planned from={item.slot.from} />}
        {kind === "mine" && item.state === "REPORT_PENDING" && item.reportDueAt && (
          <ReportDue at={item.reportDueAt} />
        )}
        {kind === "waiting" && item.promiseBy && <Promised by={item.promiseBy} />}
        {kind !== "taken" && (item.photos ?? 0) > 0 && (
          <span className={styles.quiet}>
            <CameraOutlined aria-hidden /> {t("queue.photos", { n: item.photos })}
          </span>
        )}
      </div>
      <div role="gridcell" className={styles.act}>
        {ringing && <RingTime until={item.ringingUntil} />}
        <span className={styles.acts}>
          {ringing && <DeclineButton item={item} who={who} onDeclined={onDeclined} />}
          <Action item={item} kind={kind} busy={busy} blocked={blocked} onAct={onAct} who={who} />
        </span>
      </div>
    </div>
  );
}

function Action(
  props: Pick<QueueRowProps, "item" | "kind" | "busy" | "blocked" | "onAct"> & { who: string },
) {
  const { item, kind, busy, blocked, onAct, who } = props;
  const { t } = useTranslation("desk");
  if (kind === "taken") return null;
  if (kind === "waiting") {
    const written = item.mode === "WRITTEN";
    return (
      <Button
        type={written ? "default" : "primary"}
        icon={written ? <EditOutlined aria-hidden /> : <PhoneOutlined aria-hidden />}
        loading={busy}
        disabled={busy || blocked}
        onClick={onAct}
        aria-description={who}
      >
        {busy ? t("queue.answering") : written ? t("queue.answerWritten") : t("queue.answer")}
      </Button>
    );
  }
  const writing =
    item.mode === "WRITTEN" || item.state === "REPORT_PENDING" || item.state === "TERMINATED_UNSUITABLE";
  return (
    <Button
      icon={writing ? <EditOutlined /> : <PhoneOutlined />}
      onClick={onAct}
      aria-description={who}
      disabled={blocked}
    >
      {writing ? t("queue.write") : item.state === "SCHEDULED" ? t("queue.open") : t("queue.back")}
    </Button>
  );
}

/** What is special about a request for this doctor: a written question, one's own patient, given by the dispatcher. */
function Marks({ item }: { item: QueueItem }) {
  const { t } = useTranslation("desk");
  return (
    <>
      {item.mode === "WRITTEN" && (
        <Tone kind="primary" icon={<EditOutlined aria-hidden />}>
          {t("queue.written")}
        </Tone>
      )}
      {item.usual && (
        <Tone kind="good" icon={<SolutionOutlined aria-hidden />}>
          {t("queue.usual")}
        </Tone>
      )}
      {item.assignedBy && (
        <Tone kind="claimed" icon={<UserSwitchOutlined aria-hidden />}>
          {t("queue.assignedBy", { name: item.assignedBy })}
        </Tone>
      )}
    </>
  );
}

/** The time that the bedside was told. */
function Promised({ by }: { by: string }) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const now = useServerNow(10_000);
  const late = Date.parse(by) < now.getTime();
  return (
    <span className={late ? styles.late : styles.quiet}>
      {t("queue.promised", { time: format.moment(by, now) })}
    </span>
  );
}

/** When a planned consultation is. */
function Planned({ from }: { from: string }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  return <strong>{t("schedule.shown", { time: format.moment(from, now) })}</strong>;
}

/** The running wait against its target. */
function Wait({ item }: { item: QueueItem }) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const { seconds, target, pace } = waited(item, useServerNow());
  const time = format.stopwatch(seconds);
  if (target === undefined) return <span>{t("queue.sincePlain", { time: format.span(seconds) })}</span>;
  return (
    <span className={styles.wait} data-pace={pace}>
      <span className={styles.time}>
        {t("queue.waitOf", { wait: time, target: format.stopwatch(target) })}
      </span>
      <span className={styles.pace}>
        {pace === "over"
          ? t("queue.overBy", { time: format.span(seconds - target) })
          : t(`queue.wait.${pace}`)}
      </span>
      {item.askedAt && (
        <span className={styles.pace}>{t("queue.askedAt", { at: format.clock(item.askedAt) })}</span>
      )}
    </span>
  );
}

/** The name of a red flag without its explanation in brackets. */
function shortFlag(label: string): string {
  return label.replace(/\s*[（(].*$/, "");
}
