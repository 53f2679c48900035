import {
  AudioOutlined,
  CalendarOutlined,
  CheckOutlined,
  CheckSquareOutlined,
  DownOutlined,
  FileDoneOutlined,
  RightOutlined,
  UpOutlined,
  VideoCameraOutlined,
} from "@ant-design/icons";
import { Button, Input, Skeleton } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type LogRow, type Schemas, useCatalogue, useCommand, useRead, type Worklist } from "../../api";
import { Loaded } from "../../app/Loaded";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { useOpinionWords } from "../../life/opinion";
import { Tone, UrgencyTag } from "../../theme";
import { OpenState } from "./ResidentGrid";
import styles from "./Tasks.module.css";
import { Dialog, Refused } from "../../dialog";
import { dayOf } from "../../dates";

type FollowUp = Schemas["FollowUp"];

/** How many rows a group shows before it asks whether to show all. */
const few = 6;

/** What waits for the nurse, as a strip of counts: requests on their way, advice to carry out, follow-ups. */
export function TasksStrip() {
  const { t } = useTranslation("bedside");
  const worklist = useRead("/api/v1/worklist");
  return (
    <section aria-label={t("tasks.title")} className={styles.strip}>
      <Loaded query={worklist} skeleton={<Skeleton.Button active block />}>
        {(data) => <Groups of={data} />}
      </Loaded>
    </section>
  );
}

type Group = "active" | "consentTasks" | "tasks" | "followUps";
const groups = [
  ["active", VideoCameraOutlined],
  ["consentTasks", FileDoneOutlined],
  ["tasks", CheckSquareOutlined],
  ["followUps", CalendarOutlined],
] as const;

function Groups({ of }: { of: Worklist }) {
  const { t } = useTranslation(["bedside", "around"]);
  const [open, setOpen] = useState<Group>();
  if (of.active.length + of.consentTasks.length + of.tasks.length + of.followUps.length === 0) {
    return <p className={styles.quiet}>{t("tasks.none")}</p>;
  }
  return (
    <>
      <div role="group" aria-label={t("tasks.title")} className={styles.counts}>
        {groups.map(([group, Icon]) =>
          of[group].length === 0 ? null : (
            <button
              key={group}
              type="button"
              className={styles.count}
              aria-expanded={open === group}
              onClick={() => setOpen(open === group ? undefined : group)}
            >
              <Icon aria-hidden />
              {group === "consentTasks" ? t("around:tasks.consent") : t(`tasks.${group}`)}{" "}
              <strong>{of[group].length}</strong>
              {open === group ? <UpOutlined aria-hidden /> : <DownOutlined aria-hidden />}
            </button>
          ),
        )}
      </div>
      {open === "active" && <Rows of={of.active}>{(row) => <ActiveRow key={row.id} of={row} />}</Rows>}
      {open === "consentTasks" && (
        <Rows of={of.consentTasks}>{(task) => <ConsentTaskRow key={task.consultationId} of={task} />}</Rows>
      )}
      {open === "tasks" && (
        <Rows of={of.tasks}>
          {(task) => (
            <AdviceRow
              key={task.advice.id}
              advice={task.advice}
              consultationId={task.consultationId}
              who={t("resident.bedAndName", { bed: task.bed, name: task.residentName })}
            />
          )}
        </Rows>
      )}
      {open === "followUps" && (
        <Rows of={of.followUps}>{(followUp) => <FollowUpRow key={followUp.id} of={followUp} />}</Rows>
      )}
    </>
  );
}

function Rows<T>({ of, children }: { of: T[]; children: (row: T) => ReactNode }) {
  const { t } = useTranslation("bedside");
  const [all, setAll] = useState(false);
  const shown = all ? of : of.slice(0, few);
  return (
    <div className={styles.open}>
      <ul className={styles.rows}>{shown.map(children)}</ul>
      {of.length > shown.length && (
        <Button type="link" onClick={() => setAll(true)}>
          {t("tasks.showAll", { n: of.length })}
        </Button>
      )}
    </div>
  );
}

/** A consent that is to follow an emergency. */
function ConsentTaskRow({ of }: { of: Schemas["ConsentTask"] }) {
  const { t } = useTranslation(["bedside", "around"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const who = t("resident.bedAndName", { bed: of.bed, name: of.residentName });
  const late = Date.parse(of.dueAt) < now.getTime();
  return (
    <li className={styles.row}>
      <Link
        className={styles.link}
        to={`/ward/requests/${of.consultationId}?consent=1`}
        aria-label={t("tasks.goTo", { who })}
      >
        <span className={styles.words}>
          <span className={styles.who}>{who}</span>
          <span className={styles.tags}>
            <Tone kind={late ? "danger" : "caution"} icon={<FileDoneOutlined aria-hidden />}>
              {late ? t("around:tasks.late") : t("around:tasks.due", { time: format.moment(of.dueAt, now) })}
            </Tone>
            <span>{of.serial}</span>
          </span>
        </span>
        <RightOutlined aria-hidden />
      </Link>
    </li>
  );
}

function ActiveRow({ of }: { of: LogRow }) {
  const { t } = useTranslation("bedside");
  const { labels } = useCatalogue();
  const who = t("resident.bedAndName", { bed: of.bed, name: of.residentName });
  return (
    <li className={styles.row}>
      <Link className={styles.link} to={`/ward/requests/${of.id}`} aria-label={t("tasks.goTo", { who })}>
        <span className={styles.words}>
          <span className={styles.who}>{who}</span>
          <span>{labels("reasons", of.reasons).join("、")}</span>
          <span className={styles.tags}>
            <UrgencyTag urgency={of.urgency} />
            <OpenState state={of.state} />
            {of.doctor && <span>{of.doctor}</span>}
          </span>
        </span>
        <RightOutlined aria-hidden />
      </Link>
    </li>
  );
}

/** One item of advice with its tick. The note is optional. */
export function AdviceRow({
  advice,
  consultationId,
  who,
}: {
  advice: Schemas["AdviceItem"];
  consultationId: string;
  who?: string;
}) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { label } = useCatalogue();
  const [asking, setAsking] = useState(false);
  const words = useOpinionWords();
  const done = useCommand("post", "/api/v1/advice/{id}/done", { onSuccess: () => setAsking(false) });
  const read = useCommand("post", "/api/v1/advice/{id}/read-back");
  return (
    <li className={styles.row} data-done={advice.executedAt !== undefined}>
      <div className={styles.words}>
        {who && (
          <Link className={styles.who} to={`/ward/requests/${consultationId}`}>
            {who}
          </Link>
        )}
        <span>
          <strong>{label("adviceKinds", advice.kind)}</strong> {words.said(advice)}
        </span>
        {advice.decision && (
          <span className={styles.tags}>
            <Decision of={advice} />
          </span>
        )}
        {advice.decisionReason && <span className={styles.quiet}>{advice.decisionReason}</span>}
        {advice.readBackAt && (
          <span className={styles.done}>
            <CheckOutlined aria-hidden />{" "}
            {t("readBack.doneBy", {
              name: advice.readBackBy ?? "",
              time: format.moment(advice.readBackAt, now),
            })}
          </span>
        )}
        {advice.executedAt && (
          <span className={styles.done}>
            <CheckOutlined aria-hidden />{" "}
            {t("tasks.doneBy", {
              name: advice.executedBy ?? "",
              time: format.moment(advice.executedAt, now),
            })}
          </span>
        )}
        {advice.executionNote && <span className={styles.quiet}>{advice.executionNote}</span>}
        <Refused error={read.error} />
      </div>
      {!advice.executedAt && advice.executable && (
        <span className={styles.acts}>
          {!advice.readBackAt && (
            <Button
              type="primary"
              icon={<AudioOutlined aria-hidden />}
              aria-label={t("readBack.doneFor", { what: advice.text })}
              loading={read.isPending}
              onClick={() => read.mutate({ path: { id: advice.id } })}
            >
              {t("readBack.done")}
            </Button>
          )}
          <Button
            icon={<CheckOutlined aria-hidden />}
            aria-label={t("tasks.doneFor", { what: advice.text })}
            onClick={() => setAsking(true)}
          >
            {t("tasks.done")}
          </Button>
        </span>
      )}
      <NoteSheet
        open={asking}
        title={t("tasks.adviceDone")}
        what={words.said(advice)}
        busy={done.isPending}
        error={done.error}
        onClose={() => setAsking(false)}
        onDone={(note) => done.mutate({ path: { id: advice.id }, body: note ? { note } : {} })}
      />
    </li>
  );
}

function Decision({ of }: { of: Schemas["AdviceItem"] }) {
  const { t } = useTranslation("bedside");
  if (of.decision === "") return null;
  const kind = { ADOPTED: "good", PARTLY: "caution", REJECTED: "danger" } as const;
  return <Tone kind={kind[of.decision]}>{t(`decision.${of.decision}`, { name: of.decidedBy ?? "" })}</Tone>;
}

/** A follow-up with its tick. */
export function FollowUpRow({ of }: { of: FollowUp }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(60_000);
  const [asking, setAsking] = useState(false);
  const done = useCommand("post", "/api/v1/follow-ups/{id}/done", { onSuccess: () => setAsking(false) });
  const who = t("resident.bedAndName", { bed: of.bed ?? "", name: of.residentName });
  const today = dayOf(now);
  const due = of.dueOn < today ? "over" : of.dueOn === today ? "today" : "later";
  return (
    <li className={styles.row} data-done={of.state === "DONE"}>
      <div className={styles.words}>
        <Link className={styles.who} to={`/ward/requests/${of.consultationId}`}>
          {who}
        </Link>
        <span className={styles.tags}>
          <Tone kind={due === "later" ? "muted" : "caution"} icon={<CalendarOutlined aria-hidden />}>
            {t(`tasks.due.${due}`, { day: format.day(of.dueOn, now) })}
          </Tone>
        </span>
        {of.note && <span className={styles.quiet}>{of.note}</span>}
      </div>
      {of.state === "OPEN" && (
        <Button
          icon={<CheckOutlined aria-hidden />}
          aria-label={t("tasks.followUpDoneFor", { who })}
          onClick={() => setAsking(true)}
        >
          {t("tasks.done")}
        </Button>
      )}
      <NoteSheet
        open={asking}
        title={t("tasks.followUpDone")}
        what={who}
        busy={done.isPending}
        error={done.error}
        onClose={() => setAsking(false)}
        onDone={(note) => done.mutate({ path: { id: of.id }, body: note ? { note } : {} })}
      />
    </li>
  );
}

function NoteSheet(props: {
  open: boolean;
  title: string;
  what: string;
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onDone: (note: string) => void;
}) {
  const { t } = useTranslation(["bedside", "common"]);
  const [note, setNote] = useState("");
  return (
    <Dialog
      width="wide"
      open={props.open}
      title={props.title}
      onClose={props.onClose}
      footer={
        <>
          <Button onClick={props.onClose}>{t("common:actions.cancel")}</Button>
          <Button type="primary" loading={props.busy} onClick={() => props.onDone(note.trim())}>
            {t("tasks.confirmDone")}
          </Button>
        </>
      }
    >
      <div className={styles.note}>
        <p>{props.what}</p>
        <label>
          {t("tasks.note")}
          <Input.TextArea
            value={note}
            onChange={(event) => setNote(event.target.value)}
            maxLength={500}
            autoSize={{ minRows: 2, maxRows: 6 }}
          />
        </label>
        <Refused error={props.error} />
      </div>
    </Dialog>
  );
}
