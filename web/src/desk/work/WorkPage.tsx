import { ArrowLeftOutlined, EditOutlined, UserSwitchOutlined } from "@ant-design/icons";
import { Button, Segmented, Skeleton } from "antd";
import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { StateTag } from "../../admin/StateTag";
import { type ApiError, type Consultation, hasCode, useErrorText, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { useTitle } from "../../app/Page";
import { useUnreadMessages } from "../../call/ChatPanel";
import { useCall } from "../../call/useCall";
import { useFormat } from "../../i18n/useFormat";
import { AttendingHere } from "../../life/CheckIn";
import { EvidencePanel } from "../../life/Evidence";
import { AskedToTakeOver, GivingOver } from "../../life/HandOver";
import { LifeNotices } from "../../life/Notices";
import { ReportDue } from "../../life/ReportDue";
import { RoundBar } from "../../round/RoundBar";
import { useFollowRound } from "../../round/useRound";
import { Tone, UrgencyTag } from "../../theme";
import type { ClaimNotice } from "../queue/useClaim";
import { focusField } from "../report/fields";
import { Conflict } from "../report/Conflict";
import { SavedStamp } from "../report/SavedStamp";
import { useDraft } from "../report/useDraft";
import { WrapUp } from "../report/WrapUp";
import { Acts } from "./Acts";
import { CallArea } from "./CallArea";
import { CaseCard } from "./CaseCard";
import { PauseNote } from "./PauseNote";
import { joinsByItself, progressOf } from "./progress";
import { Rail, type RailTab } from "./Rail";
import { Signed } from "./Signed";
import { useWindowRest } from "./useWindowRest";
import styles from "./Work.module.css";

/** One consultation in the doctor's hands: the call, the case, the report, on one screen from answering to the signature. */
function WorkPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("desk");
  const consultation = useRead("/api/v1/consultations/{id}", { path: { id } });
  const c = consultation.data;
  useTitle(c ? t("bedAndName", { bed: c.resident.bed, name: c.resident.name }) : t("work.title"));
  return (
    <Loaded
      query={consultation}
      skeleton={
        <div className={styles.foreign}>
          <Skeleton active paragraph={{ rows: 10 }} />
        </div>
      }
    >
      {/* keyed, so that nothing of one consultation lives on in the next */}
      {(data) => <Opened key={data.id} c={data} />}
    </Loaded>
  );
}
export { WorkPage as Component };

/** What the page shows depends on where the consultation stands. */
function Opened({ c }: { c: Consultation }) {
  const progress = progressOf(c);
  // Opened as ours: being told that it no longer is needs more than an empty page.
  const wasMine = useRef(progress !== "foreign");
  const navigate = useNavigate();
  const { t } = useTranslation("desk");
  const { leave, consultationId } = useCall();
  const inCall = consultationId === c.id;

  const gone = useEffectEvent((text: string) => {
    if (inCall) leave();
    const notice: ClaimNotice = { kind: "caution", text };
    void navigate("/queue", { state: { notice } });
  });
  useEffect(() => {
    if (progress === "foreign" && wasMine.current) {
      gone(
        t("queue.stale", {
          why: c.doctor ? t("work.lostBy", { doctor: c.doctor.name }) : t("work.lostTitle"),
        }),
      );
    }
  }, [progress, c.doctor, t]);

  if (c.handOver?.toMe) return <Asked c={c} handOver={c.handOver} />;
  if (progress === "foreign") return <Foreign c={c} />;
  if (progress === "signed") return <Signed c={c} />;
  return <Workspace c={c} />;
}

/** A colleague asks to take it over: the case, and the two answers above it. */
function Asked({ c, handOver }: { c: Consultation; handOver: NonNullable<Consultation["handOver"]> }) {
  const { t } = useTranslation("desk");
  const who = t("bedAndName", { bed: c.resident.bed, name: c.resident.name });
  return (
    <div className={styles.foreign}>
      <h1>{who}</h1>
      <AskedToTakeOver
        of={{ ...handOver, consultationId: c.id, epoch: c.epoch, urgency: c.urgency }}
        who={who}
      />
      <CaseCard c={c} />
    </div>
  );
}

function Foreign({ c }: { c: Consultation }) {
  const { t } = useTranslation("desk");
  const navigate = useNavigate();
  return (
    <div className={styles.foreign}>
      <h1>{t("work.notYours")}</h1>
      <StateTag state={c.state} />
      <p>{c.doctor ? t("queue.takenBy", { doctor: c.doctor.name }) : t("work.notYoursBody")}</p>
      <Button type="primary" onClick={() => void navigate("/queue")}>
        {t("work.back")}
      </Button>
    </div>
  );
}

const layouts = ["pin", "full", "mini"] as const;
type Layout = (typeof layouts)[number];

function Workspace({ c }: { c: Consultation }) {
  const { t } = useTranslation("desk");
  const navigate = useNavigate();
  const errorText = useErrorText();
  const { enter: enterCall, leave: leaveCall } = useCall();
  const draft = useDraft(c);
  const writing = progressOf(c) === "writing";
  const [layout, setLayout] = useState<Layout>("pin");
  const [tab, setTab] = useState<RailTab>("case");
  const [finishing, setFinishing] = useState(false);
  const [ref, top] = useWindowRest();
  const unread = useUnreadMessages(c.id, tab === "chat" && layout !== "full");

  const onLost = useCallback(
    (error: ApiError) => {
      leaveCall();
      const doctor = error.problem.current?.doctorName;
      const why = doctor ? t("work.lostBy", { doctor }) : errorText(error);
      const notice: ClaimNotice = { kind: "caution", text: t("queue.stale", { why }) };
      void navigate("/queue", { state: { notice } });
    },
    [leaveCall, t, errorText, navigate],
  );
  const lost = draft.status.phase === "lost" ? draft.status.error : undefined;
  const tellLost = useEffectEvent((error: ApiError) => {
    if (hasCode(error, "epoch_stale", "not_found", "forbidden")) onLost(error);
  });
  useEffect(() => {
    if (lost) tellLost(lost);
  }, [lost]);

  const enter = useCallback(
    () =>
      void enterCall(c.id, {
        epoch: c.epoch,
        path: `/work/${c.id}`,
        ...(c.callId ? { callId: c.callId } : {}),
      }),
    [enterCall, c.id, c.epoch, c.callId],
  );
  const round = useFollowRound(c);
  useJoining(c, enter);

  const show = (next: RailTab, field?: string) => {
    setTab(next);
    if (layout === "full") setLayout("pin");
    // The tab's content is there after the next drawing.
    if (field) requestAnimationFrame(() => focusField(field));
  };
  const choose = (next: Layout) => {
    setLayout(next);
    // A small picture is wanted for writing: the case moves below it.
    if (next === "mini" && tab === "case") setTab("report");
  };
  useShortcuts({
    n: () => show("note", "note"),
    o: () => (writing ? focusField("advice") : show("advice", "advice")),
    f: () => c.actions.includes("finishConsultation") && setFinishing(true),
  });

  return (
    <div
      className={styles.work}
      ref={ref}
      style={{ "--work-height": `calc(100dvh - ${top}px)` } as React.CSSProperties}
      data-layout={writing ? "pin" : layout}
    >
      <Head c={c} layout={writing ? undefined : layout} onLayout={choose} />
      <PauseNote c={c} onEnter={enter} />
      <RoundBar round={round} before={() => draft.flush()} />
      <GivingOver c={c} />
      {(c.termination || c.emergency?.handedOverAt) && <LifeNotices c={c} />}
      <EvidencePanel c={c} />
      <div className={styles.body}>
        {writing ? (
          <section className={styles.main} aria-label={t("report.title")}>
            <WrapUp c={c} draft={draft} onLost={onLost} />
          </section>
        ) : (
          <div className={styles.stage}>
            <CallArea
              c={c}
              unread={unread}
              onChat={() => show("chat")}
              onEnter={enter}
              onLeave={() => undefined}
              onLost={onLost}
            />
          </div>
        )}
        {!writing && layout === "mini" && tab !== "case" && (
          <aside className={styles.beside} aria-label={t("work.tabs.case")}>
            <CaseCard c={c} />
          </aside>
        )}
        {(writing || layout !== "full") && (
          <Rail
            c={c}
            draft={draft}
            tab={tab}
            onTab={setTab}
            writing={writing}
            unread={unread}
            onLost={onLost}
          />
        )}
      </div>
      <footer className={styles.bar}>
        <SavedStamp draft={draft} />
        {!writing && tab !== "report" && <Conflict draft={draft} />}
        {!writing && <span className={styles.hint}>{t("work.shortcuts")}</span>}
        <Acts c={c} draft={draft} finishing={finishing} setFinishing={setFinishing} onLost={onLost} />
      </footer>
    </div>
  );
}

/** Goes into the call when the page opens and when the consent has come, but not back into one that the doctor has left. */
function useJoining(c: Consultation, enter: () => void): void {
  const tried = useRef(false);
  const ready = joinsByItself(c);
  const join = useEffectEvent(() => {
    if (tried.current) return;
    tried.current = true;
    enter();
  });
  useEffect(() => {
    if (ready) join();
  }, [ready]);
}

function Head({
  c,
  layout,
  onLayout,
}: {
  c: Consultation;
  layout: Layout | undefined;
  onLayout: (layout: Layout) => void;
}) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const navigate = useNavigate();
  const { resident } = c;
  return (
    <header className={styles.head}>
      <Button
        type="text"
        icon={<ArrowLeftOutlined aria-hidden />}
        aria-label={t("work.back")}
        title={t("work.back")}
        onClick={() => void navigate("/queue")}
      />
      <h1>{t("bedAndName", { bed: resident.bed, name: resident.name })}</h1>
      <span>
        {format.sex(resident.sex)} {format.age(resident.age)}
      </span>
      <span className={styles.quiet}>{[c.invitingOrg.name, resident.ward].filter(Boolean).join(" ")}</span>
      <UrgencyTag urgency={c.urgency} />
      <StateTag state={c.state} />
      {c.mode === "WRITTEN" && (
        <Tone kind="primary" icon={<EditOutlined aria-hidden />}>
          {t("queue.written")}
        </Tone>
      )}
      {c.assignedBy && (
        <Tone kind="claimed" icon={<UserSwitchOutlined aria-hidden />}>
          {t("queue.assignedBy", { name: c.assignedBy })}
        </Tone>
      )}
      {c.drill && <Tone kind="muted">{t("work.drill")}</Tone>}
      <AttendingHere c={c} />
      {c.state === "REPORT_PENDING" && c.reportDueAt && <ReportDue at={c.reportDueAt} />}
      {c.effectiveSeconds > 0 && (
        <span className={styles.quiet}>{t("work.effective", { time: format.span(c.effectiveSeconds) })}</span>
      )}
      {layout && (
        <Segmented<Layout>
          className={styles.layouts}
          aria-label={t("work.layout")}
          value={layout}
          onChange={onLayout}
          options={layouts.map((value) => ({ value, label: t(`work.layouts.${value}`) }))}
        />
      )}
    </header>
  );
}

/** Single letters, while the doctor is not writing. */
function useShortcuts(acts: Record<string, () => unknown>): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const act = acts[event.key.toLowerCase()];
    const target = event.target as Element | null;
    if (!act || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (target?.closest?.("input, textarea, [contenteditable], [role=dialog], [role=combobox]")) return;
    event.preventDefault();
    act();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
