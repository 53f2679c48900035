import { CheckOutlined, FileTextOutlined, HomeOutlined, VideoCameraOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { type Consultation, useCatalogue } from "../../api";
import { BookedHere } from "../../booking/BookHere";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { ComplaintField } from "../request/ComplaintField";
import { can, homeOfRequest, progressOf } from "../request/progress";
import { DocumentUpload } from "../../around/Documents";
import { RatingPanel } from "../../around/Rating";
import { CaseReferrals } from "../../around/Referrals";
import { ConsentSheet } from "../consent/ConsentSheet";
import { ActionBar, Panel } from "../parts/Panel";
import { ResidentHead } from "../parts/ResidentHead";
import { LifeNotices } from "../../life/Notices";
import { useOpinionWords } from "../../life/opinion";
import { PrintButton } from "../../life/PrintButton";
import { SealPanels } from "../../life/SealPanel";
import { CloseButton } from "../../life/Unanswered";
import { CountNote } from "../../rules/CountNote";
import type { Mends } from "../../rules/Reasons";
import { useMends } from "../../rules/useMends";
import { Notice, Tone } from "../../theme";
import { PhotoStrip } from "../vitals/PhotoStrip";
import { VitalsGrid } from "../vitals/VitalsGrid";
import { AdviceRow, FollowUpRow } from "../ward/TasksStrip";
import styles from "./After.module.css";

/** After the call: where the opinion is, what the doctor advised, what is to be done. */
export function AfterCall({ c }: { c: Consultation }) {
  const { t } = useTranslation(["bedside", "around"]);
  const navigate = useNavigate();
  const complaintId = useId();
  const [asked] = useSearchParams();
  const due = consentDue(c);
  const [consenting, setConsenting] = useState(due && asked.has("consent"));
  const closed = progressOf(c.state) === "closed";
  const consent = can(c, "giveConsent") ? () => setConsenting(true) : undefined;
  const common = useMends(c, "bedside");
  const mends: Mends = {
    ...common,
    ...(consent ? { SIGN_CONSENT: consent, APPROVE_EMERGENCY: consent } : {}),
    ...(can(c, "updateRequest")
      ? { ADD_COMPLAINT: () => document.getElementById(complaintId)?.focus() }
      : {}),
  };
  return (
    <>
      <ResidentHead of={c.resident} most={4} />
      <SealPanels c={c} />
      <LifeNotices c={c} />
      <Where c={c} />
      {due && <ConsentDue c={c} onGive={() => setConsenting(true)} />}
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Advice c={c} />
          <Opinion c={c} />
          <BookedHere c={c} />
          <CountNote c={c} mends={mends} />
        </div>
        <div className={styles.stack}>
          {can(c, "updateRequest") && (
            <Panel title={t("after.card")}>
              <ComplaintField c={c} inputId={complaintId} />
              <VitalsGrid c={c} />
              <PhotoStrip c={c} />
            </Panel>
          )}
          <RatingPanel c={c} />
          {can(c, "createReferral") && (
            <Panel title={t("around:referral.title")}>
              <CaseReferrals c={c} />
            </Panel>
          )}
          {can(c, "addDocument") && (
            <Panel title={t("around:file.documents")}>
              <DocumentUpload c={c} />
            </Panel>
          )}
        </div>
      </div>
      <ConsentSheet
        c={c}
        urgency="ROUTINE"
        open={consenting}
        onClose={() => setConsenting(false)}
        onGiven={() => setConsenting(false)}
      />
      <ActionBar>
        <Button
          size="large"
          icon={<FileTextOutlined aria-hidden />}
          onClick={() => void navigate(`/consultations/${c.id}`)}
        >
          {t("after.record")}
        </Button>
        {c.reports.length > 0 && <PrintButton c={c} size="large" />}
        <CloseButton c={c} />
        {closed && !c.visitId && (
          <Button
            size="large"
            icon={<VideoCameraOutlined aria-hidden />}
            onClick={() => void navigate(`/ward/residents/${c.resident.id}/request`)}
          >
            {t("after.again")}
          </Button>
        )}
        <Button
          size="large"
          type="primary"
          className={styles.home}
          icon={<HomeOutlined aria-hidden />}
          onClick={() => void navigate(homeOfRequest(c))}
        >
          {t(c.visitId ? "after.toVisit" : "after.home")}
        </Button>
      </ActionBar>
    </>
  );
}

/** After an emergency the consent is still to be taken. */
function consentDue(c: Consultation): boolean {
  const { consent } = c;
  return (
    can(c, "giveConsent") && c.urgency === "CRITICAL" && (!consent || consent.followUpDueAt !== undefined)
  );
}

function ConsentDue({ c, onGive }: { c: Consultation; onGive: () => void }) {
  const { t } = useTranslation(["bedside", "around"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const due = c.consent?.followUpDueAt;
  return (
    <Notice kind="caution" action={<Button onClick={onGive}>{t("consent.give")}</Button>}>
      {due ? t("around:withdraw.dueFollowUp", { time: format.moment(due, now) }) : t("consent.missing")}
    </Notice>
  );
}

/** One sentence: what has happened and what is waited for. */
function Where({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const navigate = useNavigate();
  const { label, chosen } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(30_000);
  const name = c.doctor?.name ?? "";
  const newest = c.advice.filter((a) => !a.superseded);
  const open = newest.filter((a) => a.executable && !a.executedAt).length;
  const needsAdoption = newest.some((a) => a.decision === "" && !a.executable);
  const sentence = () => {
    switch (c.state) {
      case "REPORT_PENDING":
      case "TERMINATED_UNSUITABLE":
        if (c.termination) return t("after.terminated", { name });
        return t("after.writing", { name });
      case "REPORTED":
        if (needsAdoption) {
          return c.submitter
            ? t("after.adoptionBy", { name, attending: c.submitter.name })
            : t("after.adoption", { name });
        }
        return open > 0 ? t("after.tasks", { n: open }) : t("after.reported", { name });
      case "ADOPTED":
      case "FOLLOW_UP":
        return open > 0 ? t("after.tasks", { n: open }) : t("after.followUp");
      case "ARCHIVED":
      case "SEALED":
        return t("after.done");
      case "TO_EMERGENCY":
        return t("after.emergency");
      case "NO_SHOW":
        return t("after.noShow", { reason: chosen("no_show_reason", c.endCode) });
      case "CLOSED_NO_SERVICE":
        return t("after.closedFor", { reason: chosen("close_reason", c.endCode) });
      case "CANCELLED":
      case "VOIDED":
        return t("after.cancelled", { reason: label("cancelReasons", c.endCode) });
      default:
        return label("states", c.state);
    }
  };
  return (
    <section className={styles.where} aria-label={t("after.where")}>
      <p className={styles.sentence} role="status">
        {sentence()}
      </p>
      <p className={styles.quiet}>
        {[
          c.serial,
          c.effectiveSeconds > 0 && t("after.effective", { span: format.span(c.effectiveSeconds) }),
          c.state === "REPORT_PENDING" &&
            c.reportDueAt &&
            t("after.reportDue", { time: format.moment(c.reportDueAt, now) }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </p>
      {can(c, "adoptReport") && (
        <Button
          size="large"
          type="primary"
          icon={<CheckOutlined aria-hidden />}
          onClick={() => void navigate(`/adopt/${c.id}`)}
        >
          {t("after.adopt")}
        </Button>
      )}
    </section>
  );
}

function Advice({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const newest = c.advice.filter((a) => !a.superseded);
  const waiting = newest.filter((a) => a.decision === "" && !a.executable);
  const rejected = newest.filter((a) => a.decision === "REJECTED");
  const todo = newest.filter((a) => !waiting.includes(a) && !rejected.includes(a));
  const followUps = c.followUps ?? [];
  return (
    <>
      {todo.length > 0 && (
        <Panel title={t("after.todo")}>
          <ul className={styles.list}>
            {todo.map((advice) => (
              <AdviceRow key={advice.id} advice={advice} consultationId={c.id} />
            ))}
          </ul>
        </Panel>
      )}
      {waiting.length > 0 && (
        <Panel title={t("after.waitsForAdoption")}>
          <p className={styles.quiet}>{t("after.waitsHint")}</p>
          <ul className={styles.list}>
            {waiting.map((advice) => (
              <AdviceRow key={advice.id} advice={advice} consultationId={c.id} />
            ))}
          </ul>
        </Panel>
      )}
      {rejected.length > 0 && (
        <Panel title={t("after.rejected")}>
          <ul className={styles.list}>
            {rejected.map((advice) => (
              <AdviceRow key={advice.id} advice={advice} consultationId={c.id} />
            ))}
          </ul>
        </Panel>
      )}
      {followUps.length > 0 && (
        <Panel title={t("after.followUps")}>
          <ul className={styles.list}>
            {followUps.map((followUp) => (
              <FollowUpRow key={followUp.id} of={followUp} />
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

function Opinion({ c }: { c: Consultation }) {
  const { t } = useTranslation(["bedside", "life"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const { label } = useCatalogue();
  const words = useOpinionWords();
  const report = c.reports.toSorted((a, b) => b.version - a.version)[0];
  if (!report) return null;
  const { assessment, diagnoses = [], outcome, followUpOn, limits } = report.content;
  const examination = words.examination(report.content);
  const referral = words.referral(report.content);
  const finalDiagnoses = c.adoption?.finalDiagnoses ?? [];
  return (
    <Panel
      title={t("after.opinion")}
      aside={<Link to={`/consultations/${c.id}`}>{t("after.recordLink")}</Link>}
    >
      <dl className={styles.facts}>
        {examination && <Fact name={t("after.examination")}>{examination}</Fact>}
        {assessment && <Fact name={t("after.assessment")}>{assessment}</Fact>}
        {diagnoses.length > 0 && (
          <Fact name={t("after.diagnosis")}>{diagnoses.map(words.diagnosis).join("；")}</Fact>
        )}
        {outcome && <Fact name={t("after.outcome")}>{label("outcomes", outcome)}</Fact>}
        {referral && <Fact name={t("after.referral")}>{referral}</Fact>}
        {followUpOn && <Fact name={t("after.followUpOn")}>{format.day(followUpOn, now)}</Fact>}
        {limits && <Fact name={t("after.limits")}>{limits}</Fact>}
        {finalDiagnoses.length > 0 && (
          <Fact name={t("after.finalDiagnoses")}>{finalDiagnoses.map(words.diagnosis).join("；")}</Fact>
        )}
        {c.adoption?.finalPlan && <Fact name={t("after.plan")}>{c.adoption.finalPlan}</Fact>}
      </dl>
      {report.version > 1 && (
        <p role="status">
          <Tone kind="caution">{t("life:versions.corrected", { n: report.version })}</Tone>{" "}
          {report.correctionReason}
        </p>
      )}
      <p className={styles.quiet}>
        {t("after.signedBy", { name: report.author.name, time: format.moment(report.signedAt, now) })}{" "}
        <Tone kind="muted">{report.sealNote}</Tone>
      </p>
      {c.adoption && (
        <p className={styles.quiet}>
          {t("after.adoptedBy", {
            name: c.adoption.attending.name,
            time: format.moment(c.adoption.signedAt, now),
          })}
        </p>
      )}
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
