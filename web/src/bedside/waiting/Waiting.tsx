import { CustomerServiceOutlined, MessageOutlined, PhoneFilled, SolutionOutlined } from "@ant-design/icons";
import { Badge, Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { type Consultation, useRead } from "../../api";
import { useMeta } from "../../app/useMeta";
import { useMe } from "../../auth/useSession";
import { ChatPanel, SelfTest, useRingtone, useUnreadMessages } from "../../call";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { AttendingHere, CheckInSheet } from "../../life/CheckIn";
import { EvidencePanel } from "../../life/Evidence";
import { HandedOver } from "../../life/HandOver";
import { LifeNotices } from "../../life/Notices";
import { Unanswered } from "../../life/Unanswered";
import { UrgencyTag } from "../../theme";
import { Paused } from "../call/Paused";
import { ConsentBanner } from "../consent/ConsentBanner";
import { ConsentRow } from "../consent/ConsentRow";
import { ConsentSheet } from "../consent/ConsentSheet";
import { EmergencyButton } from "../emergency/EmergencyButton";
import { EmergencyProvider } from "../emergency/EmergencyProvider";
import { Panel } from "../parts/Panel";
import { rest } from "../parts/range";
import { ResidentHead } from "../parts/ResidentHead";
import { useRangeWords } from "../parts/useRangeWords";
import { CancelButton } from "../request/CancelButton";
import { ComplaintField } from "../request/ComplaintField";
import { can, progressOf } from "../request/progress";
import { PhotoStrip } from "../vitals/PhotoStrip";
import { VitalsGrid } from "../vitals/VitalsGrid";
import { Phone } from "../ward/DutyStrip";
import { Ladder } from "./Ladder";
import { dispatcherOf, namesDispatcher, type Promised, promiseOf } from "./promise";
import styles from "./Waiting.module.css";
import { Dialog } from "../../dialog";

/** How long the ring is heard before the call is entered, ms. */
const gently = 1500;

/** In the queue: one sentence, the steps, and the card that can still be completed. Leaving the page keeps the place. */
export function Waiting({ c }: { c: Consultation }) {
  const { t } = useTranslation(["bedside", "life", "common"]);
  const progress = progressOf(c.state);
  const answered = progress === "answered";
  const [chat, setChat] = useState(false);
  const [attending, setAttending] = useState(false);
  const [consenting, setConsenting] = useState(false);
  const unread = useUnreadMessages(c.id, chat);
  return (
    <EmergencyProvider c={c}>
      <div className={styles.top}>
        <ResidentHead of={c.resident} most={4} />
        <div className={styles.actions}>
          <UrgencyTag urgency={c.urgency} />
          <EmergencyButton c={c} />
          <Badge count={unread}>
            <Button icon={<MessageOutlined aria-hidden />} onClick={() => setChat(true)}>
              {unread > 0 ? t("waiting.messagesUnread", { n: unread }) : t("waiting.messages")}
            </Button>
          </Badge>
          {can(c, "checkIn") && (
            <Button icon={<SolutionOutlined aria-hidden />} onClick={() => setAttending(true)}>
              {t("life:checkIn.button")}
            </Button>
          )}
          <AttendingHere c={c} />
          <CancelButton c={c} />
        </div>
      </div>
      {c.returned ? <LifeNotices c={c} /> : <HandedOver c={c} />}
      {progress === "unanswered" ? (
        <Unanswered c={c} />
      ) : progress === "planned" ? (
        <Planned c={c} />
      ) : !answered ? (
        <InQueue c={c} />
      ) : c.mode === "WRITTEN" ? (
        <Writing c={c} />
      ) : (
        <Answered c={c} />
      )}
      <EvidencePanel c={c} />
      <CheckInSheet c={c} open={attending} onClose={() => setAttending(false)} />
      <div className={styles.columns}>
        <Panel title={t("waiting.card")}>
          <p className={styles.quiet}>{t("waiting.cardHint")}</p>
          <ConsentRow c={c} onOpen={() => setConsenting(true)} />
          <ComplaintField c={c} />
          <VitalsGrid c={c} />
          <PhotoStrip c={c} />
        </Panel>
        {(progress === "waiting" || progress === "planned") && c.mode !== "WRITTEN" && <SelfTest />}
      </div>
      <ConsentSheet
        c={c}
        urgency={c.urgency}
        open={consenting}
        onClose={() => setConsenting(false)}
        onGiven={() => setConsenting(false)}
      />
      <Dialog
        width="wide"
        open={chat}
        title={t("waiting.messages")}
        onClose={() => setChat(false)}
        footer={<Button onClick={() => setChat(false)}>{t("common:actions.close")}</Button>}
      >
        <div className={styles.chat}>
          <ChatPanel consultationId={c.id} />
        </div>
      </Dialog>
    </EmergencyProvider>
  );
}

/** Put off to a slot: when, with whom, and the way into the call once it is time. */
function Planned({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const navigate = useNavigate();
  const callable = can(c, "getTicket");
  return (
    <>
      <LifeNotices c={c} />
      <Button
        type="primary"
        size="large"
        className={styles.enter}
        icon={<PhoneFilled aria-hidden />}
        disabled={!callable}
        onClick={() => void navigate(`/ward/requests/${c.id}/call`)}
      >
        {callable ? t("schedule.begin") : t("schedule.wait")}
      </Button>
    </>
  );
}

function InQueue({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const promise = promiseOf(c, false, useServerNow(1000));
  const { waiting } = c;
  const dispatcher = dispatcherOf(waiting);
  const named = namesDispatcher(promise);
  return (
    <section className={styles.hero} data-urgency={c.urgency} aria-label={t("waiting.title")}>
      <Sentence promise={promise} phone={named ? dispatcher?.phone : undefined} />
      <div className={styles.facts}>
        <Elapsed since={c.offeredAt ?? c.submittedAt} />
        {/* A written question stands outside of the order. */}
        {waiting && waiting.position > 0 && c.mode !== "WRITTEN" && (
          <span>{waiting.ahead === 0 ? t("waiting.first") : t("waiting.ahead", { n: waiting.ahead })}</span>
        )}
        {/* Beside a time that no longer holds an estimate would be one promise too many. */}
        {"by" in promise && <Estimate c={c} />}
      </div>
      {dispatcher && !named && <Dispatcher of={dispatcher} />}
      {waiting && waiting.steps.length > 0 && <Ladder steps={waiting.steps} />}
      <p className={styles.quiet}>
        {c.mode === "WRITTEN" ? t("waiting.mayLeaveWritten") : t("waiting.mayLeave")}
      </p>
    </section>
  );
}

/** Who answers and by when, and where to call when that is open. */
function Sentence({ promise, phone: own }: { promise: Promised; phone: string | undefined }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(1000);
  // The phone stands here also for whoever is answered late.
  const phone = useRead("/api/v1/duty").data?.consultPhone ?? "";
  const meta = useMeta().data?.consultPhone ?? "";
  const words =
    "by" in promise
      ? t(`waiting.promise.${promise.key}`, {
          name: "name" in promise ? promise.name : "",
          time: format.moment(promise.by, now),
        })
      : t(`waiting.promise.${promise.key}`, { name: "name" in promise ? promise.name : "" });
  return (
    <>
      <p className={styles.sentence} role="status">
        {words}
      </p>
      {(promise.key === "nobody" || promise.key === "late" || namesDispatcher(promise)) && (
        <p className={styles.phone}>
          {t("waiting.phone")} <Phone number={own || phone || meta} large />
        </p>
      )}
    </>
  );
}

function Elapsed({ since }: { since: string | undefined }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow();
  if (!since) return null;
  return (
    <span className={styles.elapsed}>
      {t("waiting.elapsed", { span: format.span((now.getTime() - Date.parse(since)) / 1000) })}
    </span>
  );
}

/** How long it will probably still take, as a range; never a number for CRITICAL, nor after the range has passed. */
function Estimate({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const range = useRangeWords();
  const now = useServerNow(10_000);
  const estimate = c.urgency === "CRITICAL" ? undefined : c.waiting?.estimate;
  const left = estimate && rest(estimate, (now.getTime() - Date.parse(c.serverTime)) / 1000);
  if (!left) return null;
  return <span>{t("waiting.estimate", { span: range(left) })}</span>;
}

/** The human at the end of the ladder: a name, and a number to dial. */
function Dispatcher({ of }: { of: { name: string; phone?: string; inCharge: boolean } }) {
  const { t } = useTranslation("bedside");
  return (
    <div className={styles.dispatcher} role="status">
      <CustomerServiceOutlined aria-hidden />
      <strong>{t(`waiting.promise.${of.inCharge ? "dispatcher" : "alerted"}`, { name: of.name })}</strong>
      {of.phone && <Phone number={of.phone} large />}
    </div>
  );
}

/** A doctor has the written question: nobody is called, the opinion comes. */
function Writing({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <section className={styles.hero} data-urgency="ANSWERED" aria-label={t("waiting.title")}>
      <p className={styles.sentence} role="status">
        {c.reportDueAt
          ? t("waiting.promise.writingBy", {
              name: c.doctor?.name ?? "",
              time: format.moment(c.reportDueAt, now),
            })
          : t("waiting.promise.writing", { name: c.doctor?.name ?? "" })}
      </p>
      <p className={styles.quiet}>{t("waiting.mayLeaveWritten")}</p>
    </section>
  );
}

/** A doctor has it: the nurse who asked goes into the call by herself, others by a button. */
function Answered({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const me = useMe();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const { ring } = useRingtone();
  const left = search.get("left") === "1";
  const mine = c.nurse === undefined || c.nurse.id === me.id;
  // After a withdrawal nobody is connected; the consent row below leads to a new one.
  const withdrawn = c.consent?.withdrawnAt !== undefined && !can(c, "getTicket");
  const entering = mine && !left && !withdrawn;
  const ongoing = c.state === "IN_PROGRESS" || c.state === "ABORTED_TECH";

  useEffect(() => {
    if (!entering) return undefined;
    // Back in a call that is on: at once. A fresh answer is announced.
    if (!ongoing) ring();
    const timer = setTimeout(
      () => void navigate(`/ward/requests/${c.id}/call`, { replace: true }),
      ongoing ? 0 : gently,
    );
    return () => clearTimeout(timer);
  }, [entering, ongoing, ring, navigate, c.id]);

  const name = c.doctor?.name ?? "";
  return (
    <section className={styles.hero} data-urgency="ANSWERED" aria-label={t("waiting.title")}>
      <p className={styles.sentence} role="status">
        {ongoing && left ? t("waiting.callGoesOn", { name }) : t("waiting.promise.answered", { name })}
      </p>
      {withdrawn ? <ConsentBanner c={c} /> : <Paused c={c} />}
      <Button
        type="primary"
        size="large"
        className={styles.enter}
        icon={<PhoneFilled aria-hidden />}
        disabled={withdrawn}
        onClick={() => void navigate(`/ward/requests/${c.id}/call`)}
      >
        {ongoing ? t("waiting.back") : t("waiting.enter")}
      </Button>
    </section>
  );
}
