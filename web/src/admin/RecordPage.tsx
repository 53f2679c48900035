import { PrinterOutlined } from "@ant-design/icons";
import { Button, Empty, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { type Consultation, useAttachment, useCatalogue, useErrorText, useRead } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { CheckInList } from "../life/CheckIn";
import { EvidencePanel } from "../life/Evidence";
import { LifeNotices } from "../life/Notices";
import { PrintButton } from "../life/PrintButton";
import { SealButtons, SealPanels } from "../life/SealPanel";
import { useOpinionWords } from "../life/opinion";
import { VersionDifference } from "../life/VersionDifference";
import { VoidButton } from "../life/Unanswered";
import { CountCard } from "../rules/CountCard";
import { Tone, UrgencyTag } from "../theme";
import styles from "./Admin.module.css";
import { EvidenceSheet } from "./EvidenceSheet";
import { Explained } from "./Explained";
import { StateTag } from "./StateTag";
import { Timeline } from "./Timeline";

/** One consultation with everything that proves it: what happened on the left, facts on the right. */
function RecordPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation(["admin", "life", "common"]);
  const errorText = useErrorText();
  const navigate = useNavigate();
  const { data: c, isPending, error, refetch } = useRead("/api/v1/consultations/{id}", { path: { id } });

  if (isPending) return <Skeleton className={styles.page} active paragraph={{ rows: 12 }} />;
  if (!c) {
    return (
      <Empty className={styles.page} description={errorText(error)}>
        <Button onClick={() => void refetch()}>{t("common:actions.retry")}</Button>
      </Empty>
    );
  }
  return (
    <section className={styles.page} aria-labelledby="record-title">
      <header className={styles.head}>
        <Button className={styles.noPrint} onClick={() => void navigate(-1)}>
          {t("record.back")}
        </Button>
        <h1 id="record-title">
          {t("record.title")} {c.serial}
        </h1>
        <StateTag state={c.state} />
        <UrgencyTag urgency={c.urgency} />
        {c.drill && <Tone kind="muted">{t("log.drill")}</Tone>}
        <span className={`${styles.inRow} ${styles.noPrint}`}>
          <VoidButton c={c} />
          <SealButtons c={c} />
        </span>
        {!atHome.has(c.serviceType) && (
          <Link className={styles.noPrint} to={`/consultations/${c.id}/application`}>
            {t("life:application.title")}
          </Link>
        )}
        <Button
          className={`${styles.headAction} ${styles.noPrint}`}
          icon={<PrinterOutlined />}
          onClick={() => window.print()}
        >
          {t("record.print")}
        </Button>
        <PrintButton c={c} className={styles.noPrint} />
      </header>
      <SealPanels c={c} />
      <LifeNotices c={c} />
      <div className={styles.record}>
        <section className={styles.card} aria-labelledby="timeline-title">
          <h2 id="timeline-title">{t("record.timeline")}</h2>
          <Timeline events={c.timeline} people={c.participants} />
        </section>
        <div className={styles.stack}>
          <Facts c={c} />
          <CountCard c={c} />
          <People c={c} />
          {c.checkIns && (
            <section className={styles.card} aria-label={t("life:checkIn.list")}>
              <h2>{t("life:checkIn.list")}</h2>
              <CheckInList of={c.checkIns} />
            </section>
          )}
          <EvidencePanel c={c} />
          <ConsentCard c={c} />
          <Vitals c={c} />
          <Reports c={c} />
          <Advice c={c} />
          <Photos c={c} />
          <EvidenceSheet id={c.id} />
        </div>
      </div>
    </section>
  );
}

/** Services that are done at the door: nobody applied for them, waited or talked over a line. */
const atHome = new Set<string>(["HOME_VISIT", "HOME_BED_ROUND", "NET_NURSING"]);

function Facts({ c }: { c: Consultation }) {
  const { t } = useTranslation(["admin", "life", "common"]);
  const format = useFormat();
  const { label, labels } = useCatalogue();
  const wait =
    c.offeredAt && c.acceptedAt ? (Date.parse(c.acceptedAt) - Date.parse(c.offeredAt)) / 1000 : undefined;
  const effective = t("record.effective");
  const remote = (...of: [string, React.ReactNode][]) => (atHome.has(c.serviceType) ? [] : of);
  const rows: [string, React.ReactNode][] = [
    [
      t("log.columns.resident"),
      `${c.resident.name} ${format.sex(c.resident.sex)} ${format.age(c.resident.age)} ${c.resident.ward} ${c.resident.bed}`,
    ],
    [t("log.columns.reasons"), labels("reasons", c.reasons).join("、")],
    [t("log.columns.institution"), c.invitingOrg.name],
    [
      t("log.columns.hospital"),
      [c.invitedOrg?.name, c.department?.name].filter(Boolean).join(t("common:separator")),
    ],
    [t("log.columns.service"), label("serviceTypes", c.serviceType)],
    ...remote([t("record.responsible"), c.submitter?.name ?? t("record.nobodyResponsible")]),
    [t("log.columns.doctor"), c.doctor && [c.doctor.name, c.doctor.title].filter(Boolean).join(" ")],
    [t("log.columns.nurse"), c.nurse?.role === "NURSE" ? c.nurse.name : undefined],
    ...remote(
      [t("record.wait"), wait === undefined ? "–" : format.span(wait)],
      [effective, <strong key="v">{format.span(c.effectiveSeconds)}</strong>],
    ),
    [t("log.columns.outcome"), label("outcomes", c.reports.at(-1)?.content.outcome)],
  ];
  return (
    <section className={styles.card} aria-labelledby="facts-title">
      <h2 id="facts-title">{t("record.facts")}</h2>
      <dl className={styles.facts}>
        {rows.map(([name, value]) => (
          <div key={name} className={styles.fact}>
            <dt>{name === effective ? <Explained name={name} text={t("record.effectiveHelp")} /> : name}</dt>
            <dd>{value || "–"}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function People({ c }: { c: Consultation }) {
  const { t } = useTranslation(["admin", "life", "common"]);
  const format = useFormat();
  const { label } = useCatalogue();
  return (
    <section className={styles.card} aria-labelledby="people-title">
      <h2 id="people-title">{t("record.people")}</h2>
      {c.participants.length === 0 && <p className={styles.quiet}>{t("record.noPeople")}</p>}
      <ul className={styles.items}>
        {c.participants.map((p) => (
          <li key={p.id}>
            <strong>{p.name}</strong> {label("roles", p.role)}
            {t("common:separator")}
            {t(`record.side.${p.side}`)}
            <div className={styles.quiet}>
              {p.firstJoinedAt
                ? `${format.clock(p.firstJoinedAt)} ${t("record.connected", { span: format.span(p.connectedSeconds ?? 0) })}${t("common:separator")}${t("record.sent", { audio: format.bytes(p.audioBytes ?? 0), video: format.bytes(p.videoBytes ?? 0) })}`
                : t("record.neverConnected")}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ConsentCard({ c }: { c: Consultation }) {
  const { t } = useTranslation(["admin", "around", "life", "common"]);
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow();
  const signature = useAttachment(c.consent?.signatureId);
  const consent = c.consent;
  return (
    <section className={styles.card} aria-labelledby="consent-title">
      <h2 id="consent-title">{t("record.consent")}</h2>
      {!consent ? (
        <Tone kind="caution">{t("record.noConsent")}</Tone>
      ) : (
        <>
          <p>
            {t("record.consentLine", {
              signer: t(`record.signer.${consent.signerKind as "SELF"}`),
              at: format.moment(consent.signedAt, now),
              until: format.day(consent.validUntil, now),
            })}
          </p>
          <p className={styles.quiet}>
            {[
              consent.signerName,
              label("relations", consent.relation),
              label("consentMethods", consent.method),
              consent.witness && t("record.witness", { name: consent.witness }),
              consent.secondWitness && t("around:withdraw.secondWitness", { name: consent.secondWitness }),
              consent.withdrawnAt &&
                t("around:withdraw.withdrawn", {
                  by: consent.withdrawnByName ?? "",
                  day: format.moment(consent.withdrawnAt, now),
                }),
            ]
              .filter(Boolean)
              .join(t("common:separator"))}
          </p>
          {signature.url && (
            <div className={styles.photos}>
              <img src={signature.url} alt={t("record.consent")} />
            </div>
          )}
          <p className={styles.digest}>
            {t("record.textVersion", { version: consent.textVersion })} {consent.textHash}
          </p>
        </>
      )}
    </section>
  );
}

function Vitals({ c }: { c: Consultation }) {
  const { t } = useTranslation(["admin", "life", "common"]);
  const format = useFormat();
  const now = useServerNow();
  const { vital, label } = useCatalogue();
  return (
    <section className={styles.card} aria-labelledby="vitals-title">
      <h2 id="vitals-title">{t("record.vitals")}</h2>
      {c.vitals.length === 0 && <p className={styles.quiet}>{t("record.noVitals")}</p>}
      <dl className={styles.facts}>
        {c.vitals.map((v) => {
          const term = vital(v.code);
          const flag = format.vitalFlag(v.flag);
          return [
            <dt key={`t${v.id}`}>{label("vitals", v.code)}</dt>,
            <dd key={`d${v.id}`}>
              <strong>{term ? format.vital(v, term) : v.value}</strong>{" "}
              {flag && (
                <Tone kind={flag.critical ? "danger" : "caution"} icon={flag.arrow}>
                  {flag.word}
                </Tone>
              )}{" "}
              <span className={styles.quiet}>
                {format.moment(v.takenAt, now)} {v.takenBy}
              </span>
            </dd>,
          ];
        })}
      </dl>
    </section>
  );
}

function Reports({ c }: { c: Consultation }) {
  const { t } = useTranslation(["admin", "life", "common"]);
  const format = useFormat();
  const now = useServerNow();
  const { label } = useCatalogue();
  const words = useOpinionWords();
  return (
    <section className={styles.card} aria-labelledby="report-title">
      <h2 id="report-title">{t("record.report")}</h2>
      {c.reports.length === 0 && <p className={styles.quiet}>{t("record.noReport")}</p>}
      <ul className={styles.items}>
        {c.reports.map((r, i) => (
          <li key={r.id}>
            <h3>{t("record.version", { n: r.version })}</h3>
            <dl className={styles.facts}>
              {words.examination(r.content) && [
                <dt key="xt">{t("life:fields.examination")}</dt>,
                <dd key="xd" className={styles.text}>
                  {words.examination(r.content)}
                </dd>,
              ]}
              {r.content.assessment && [
                <dt key="at">{t("record.assessment")}</dt>,
                <dd key="ad" className={styles.text}>
                  {r.content.assessment}
                </dd>,
              ]}
              {r.content.diagnoses && [
                <dt key="dt">{t("record.diagnosis")}</dt>,
                <dd key="dd">{r.content.diagnoses.map(words.diagnosis).join("；")}</dd>,
              ]}
              {r.content.outcome && [
                <dt key="ot">{t("log.columns.outcome")}</dt>,
                <dd key="od">{label("outcomes", r.content.outcome)}</dd>,
              ]}
              {r.content.referral && [
                <dt key="rt">{t("life:fields.referral")}</dt>,
                <dd key="rd">{words.referral(r.content)}</dd>,
              ]}
              {r.content.followUpOn && [
                <dt key="ft">{t("record.followUp")}</dt>,
                <dd key="fd">{format.day(r.content.followUpOn, now)}</dd>,
              ]}
              {r.content.limits && [
                <dt key="lt">{t("record.limits")}</dt>,
                <dd key="ld" className={styles.text}>
                  {r.content.limits}
                </dd>,
              ]}
            </dl>
            {r.late && (
              <p>
                <Tone kind="caution">{t("life:late.tag")}</Tone> {r.lateReason}
              </p>
            )}
            <VersionDifference before={c.reports[i - 1]} after={r} />
            <p>{t("record.signedBy", { name: r.author.name, at: format.moment(r.signedAt, now) })}</p>
            <p className={styles.quiet}>{r.sealNote}</p>
            <p className={styles.digest}>
              {t("record.digest")} {r.digest}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Advice({ c }: { c: Consultation }) {
  const { t } = useTranslation(["admin", "life", "common"]);
  const format = useFormat();
  const now = useServerNow();
  const { label } = useCatalogue();
  const words = useOpinionWords();
  if (c.advice.length === 0 && !c.adoption) return null;
  return (
    <section className={styles.card} aria-labelledby="advice-title">
      <h2 id="advice-title">{t("record.advice")}</h2>
      <ul className={styles.items}>
        {c.advice.map((a) => (
          <li key={a.id}>
            <Tone kind="primary">{label("adviceKinds", a.kind)}</Tone>{" "}
            {a.superseded && <Tone kind="muted">{t("life:versions.superseded", { n: a.version })}</Tone>}{" "}
            <Tone kind={a.decision === "REJECTED" ? "danger" : a.decision ? "good" : "muted"}>
              {t(`record.decision.${a.decision || "none"}`)}
            </Tone>
            {a.text && <p className={styles.text}>{words.said(a)}</p>}
            {a.decisionReason && <p className={styles.quiet}>{a.decisionReason}</p>}
            {a.readBackAt && (
              <p className={styles.quiet}>
                {t("life:readBack.by", { name: a.readBackBy, at: format.moment(a.readBackAt, now) })}
              </p>
            )}
            <p className={styles.quiet}>
              {a.executedAt
                ? t("record.executed", { name: a.executedBy, at: format.moment(a.executedAt, now) })
                : t("record.notExecuted")}
            </p>
          </li>
        ))}
      </ul>
      {c.adoption && (
        <>
          {c.adoption.finalDiagnoses.length > 0 && (
            <p className={styles.text}>
              {t("life:fields.finalDiagnoses")}：{c.adoption.finalDiagnoses.map(words.diagnosis).join("；")}
            </p>
          )}
          <p className={styles.text}>{c.adoption.finalPlan}</p>
          <p>
            {t("record.signedBy", {
              name: c.adoption.attending.name,
              at: format.moment(c.adoption.signedAt, now),
            })}
          </p>
          <p className={styles.quiet}>{c.adoption.sealNote}</p>
          <p className={styles.digest}>
            {t("record.digest")} {c.adoption.digest}
          </p>
        </>
      )}
    </section>
  );
}

function Photos({ c }: { c: Consultation }) {
  const { t } = useTranslation(["admin", "life", "common"]);
  if (c.photos.length === 0) return null;
  return (
    <section className={styles.card} aria-labelledby="photos-title">
      <h2 id="photos-title">{t("record.photos")}</h2>
      <div className={styles.photos}>
        {c.photos.map((p) => (
          <Photo key={p.id} id={p.id} alt={t("record.photos")} />
        ))}
      </div>
    </section>
  );
}

function Photo({ id, alt }: { id: string; alt: string }) {
  const { t } = useTranslation(["admin", "life", "common"]);
  const { url, error } = useAttachment(id);
  if (error) return <p className={styles.quiet}>{t("record.restricted")}</p>;
  return url ? <img src={url} alt={alt} /> : <Skeleton.Image active />;
}

export { RecordPage as Component };
