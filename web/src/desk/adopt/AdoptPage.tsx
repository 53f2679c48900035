import { ArrowLeftOutlined, CheckOutlined, EditOutlined } from "@ant-design/icons";
import { Button, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { StateTag } from "../../admin/StateTag";
import {
  type AdviceItem,
  ApiError,
  type Schemas,
  type Consultation,
  useCatalogue,
  useCommand,
  useRead,
} from "../../api";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Notice, Tone, UrgencyTag } from "../../theme";
import { Panel } from "../parts/Panel";
import { PasswordDialog } from "../report/PasswordDialog";
import { useOpinionWords } from "../../life/opinion";
import { useFactor } from "../../life/useFactor";
import { DiagnosisList } from "../report/DiagnosisEditor";
import { SignedReport } from "../report/SignedReport";
import { CaseCard } from "../work/CaseCard";
import styles from "./Adopt.module.css";
import { asInput, type Choice, type Decision, type Decisions, lack, planOf } from "./decisions";

type Diagnosis = Schemas["Diagnosis"];

/** One opinion, read in full, and the decision on each of its items. */
function AdoptPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("desk");
  const navigate = useNavigate();
  const consultation = useRead("/api/v1/consultations/{id}", { path: { id } });
  const visit = consultation.data?.visitId;
  return (
    <Page
      title={t("adopt.page")}
      actions={
        <Button
          icon={<ArrowLeftOutlined aria-hidden />}
          onClick={() => void navigate(visit ? `/visits/${visit}` : "/adopt")}
        >
          {t(visit ? "adopt.toVisit" : "adopt.back")}
        </Button>
      }
    >
      <Loaded query={consultation}>{(c) => <Opened key={c.id} c={c} />}</Loaded>
    </Page>
  );
}
export { AdoptPage as Component };

function Opened({ c }: { c: Consultation }) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const report = c.reports.at(-1);
  const { resident } = c;
  return (
    <>
      <header className={styles.who}>
        <h2>{t("bedAndName", { bed: resident.bed, name: resident.name })}</h2>
        <span>
          {format.sex(resident.sex)} {format.age(resident.age)}
        </span>
        <UrgencyTag urgency={c.urgency} />
        <StateTag state={c.state} />
        <span className={styles.quiet}>
          {[c.invitedOrg?.name, c.department?.name, c.serial].filter(Boolean).join(" ")}
        </span>
      </header>
      <div className={styles.two}>
        <div className={styles.stack}>
          {report && (
            <Panel title={t("adopt.opinion")}>
              <SignedReport report={report} before={c.reports.at(-2)} />
            </Panel>
          )}
          <Panel title={t("work.tabs.case")}>
            <CaseCard c={c} />
          </Panel>
        </div>
        {report && c.actions.includes("adoptReport") ? (
          <Decide c={c} reportId={report.id} />
        ) : (
          <Decided c={c} />
        )}
      </div>
    </>
  );
}

function Decide({ c, reportId }: { c: Consultation; reportId: string }) {
  const { t } = useTranslation("desk");
  const [decisions, setDecisions] = useState<Decisions>({});
  const [ownPlan, setOwnPlan] = useState<string>();
  const [tried, setTried] = useState(false);
  const [signing, setSigning] = useState(false);
  const adopt = useCommand("post", "/api/v1/consultations/{id}/adoption", {
    onSuccess: () => setSigning(false),
    onError: (error) => {
      // What is wrong with the items is said at the items.
      if (error instanceof ApiError && error.problem.fields?.some((f) => f.field.startsWith("items")))
        setSigning(false);
    },
  });
  const advice = c.advice.filter((item) => !item.superseded);
  const factor = useFactor(c.id, "SIGNATURE");
  const words = useOpinionWords();
  const opinion = c.reports.at(-1)?.content.diagnoses ?? [];
  const [ownDiagnoses, setOwnDiagnoses] = useState<Diagnosis[]>();
  const [whole, setWhole] = useState<Decision>({ decision: "ADOPTED", reason: "" });
  const wholeLacks = advice.length === 0 && lack(whole) !== undefined;
  const plan = ownPlan ?? planOf(advice, decisions, words.said);
  const missing = advice.filter((item) => lack(decisions[item.id]));
  const items = asInput(advice, decisions);
  const count = (choice: Choice) => advice.filter((item) => decisions[item.id]?.decision === choice).length;
  const put = (id: string, patch: Partial<Decision>) => {
    adopt.reset();
    setDecisions((known) => ({ ...known, [id]: { reason: "", ...known[id], ...patch } }));
  };
  const sign = () => {
    const [first] = missing;
    if (wholeLacks) {
      setTried(true);
      requestAnimationFrame(() => focusIn("reason-whole"));
      return;
    }
    if (!first) {
      adopt.reset();
      setSigning(true);
      return;
    }
    setTried(true);
    const part = lack(decisions[first.id]) === "reason" ? "reason" : "decision";
    requestAnimationFrame(() => focusIn(`${part}-${first.id}`));
  };
  const refusals = adopt.error instanceof ApiError ? (adopt.error.problem.fields ?? []) : [];

  return (
    <Panel
      title={t("adopt.decide")}
      aside={
        advice.length > 1 && (
          <Button
            icon={<CheckOutlined aria-hidden />}
            onClick={() => {
              for (const item of advice) put(item.id, { decision: "ADOPTED" });
            }}
          >
            {t("adopt.all")}
          </Button>
        )
      }
    >
      <p className={styles.quiet}>{advice.length > 0 ? t("adopt.decideHint") : t("adopt.noAdvice")}</p>
      {c.urgency === "CRITICAL" && advice.length > 0 && <Notice kind="caution">{t("adopt.critical")}</Notice>}
      <ol className={styles.items}>
        {advice.map((item, i) => (
          <ItemDecision
            key={item.id}
            item={item}
            n={i + 1}
            own={decisions[item.id]}
            told={tried}
            refusal={refusals.find((f) => f.field.startsWith(`items/${i}/`))?.message}
            onChange={(patch) => put(item.id, patch)}
          />
        ))}
      </ol>
      {advice.length === 0 && <WholeDecision own={whole} told={tried} onChange={setWhole} />}
      <div className={styles.field}>
        <strong>{t("adopt.finalDiagnoses")}</strong>
        <DiagnosisList
          id="final"
          label={t("adopt.finalDiagnoses")}
          diagnoses={ownDiagnoses ?? opinion}
          onChange={setOwnDiagnoses}
        />
        <p className={styles.quiet}>{t("adopt.finalDiagnosesHint")}</p>
      </div>
      <div className={styles.field}>
        <label htmlFor="final-plan">{t("adopt.plan")}</label>
        <Input.TextArea
          id="final-plan"
          value={plan}
          maxLength={4000}
          autoSize={{ minRows: 4, maxRows: 12 }}
          aria-describedby="final-plan-hint"
          onChange={(event) => setOwnPlan(event.target.value)}
        />
        <p id="final-plan-hint" className={styles.quiet}>
          {t("adopt.planHint")}
        </p>
      </div>
      <div className={styles.end}>
        <span className={missing.length > 0 || wholeLacks ? styles.lack : styles.quiet} role="status">
          {missing.length > 0 || wholeLacks
            ? t("adopt.left", { n: Math.max(missing.length, 1) })
            : t("adopt.ready")}
        </span>
        <Button type="primary" size="large" icon={<EditOutlined aria-hidden />} onClick={sign}>
          {t("adopt.sign")}
        </Button>
      </div>
      <PasswordDialog
        open={signing}
        title={t("adopt.signTitle")}
        busy={adopt.isPending || factor.busy}
        error={adopt.error}
        ready={factor.ready}
        onClose={() => {
          adopt.reset();
          setSigning(false);
        }}
        onSign={(password) =>
          items &&
          void factor
            .before(() =>
              adopt.mutateAsync({
                path: { id: c.id },
                body: {
                  reportId,
                  items,
                  password,
                  ...(plan.trim() ? { finalPlan: plan.trim() } : {}),
                  ...(ownDiagnoses ? { finalDiagnoses: ownDiagnoses } : {}),
                  ...(advice.length === 0 && whole.decision
                    ? {
                        decision: whole.decision,
                        ...(whole.reason.trim() ? { reason: whole.reason.trim() } : {}),
                      }
                    : {}),
                },
              }),
            )
            .catch(() => undefined)
        }
      >
        <p>
          {advice.length === 0 && whole.decision
            ? t("adopt.signWhole", { decision: t(`adopt.${whole.decision}`) })
            : t("adopt.signBody", {
                adopted: count("ADOPTED"),
                partly: count("PARTLY"),
                rejected: count("REJECTED"),
              })}
        </p>
        {factor.field}
      </PasswordDialog>
    </Panel>
  );
}

/** The decision on an opinion that has no items. */
function WholeDecision({
  own,
  told,
  onChange,
}: {
  own: Decision;
  told: boolean;
  onChange: (own: Decision) => void;
}) {
  const { t } = useTranslation("desk");
  const lacks = told && lack(own) === "reason";
  return (
    <div className={styles.item}>
      <Radio.Group
        aria-label={t("adopt.decisionOnWhole")}
        value={own.decision}
        onChange={(event) => onChange({ ...own, decision: event.target.value as Choice })}
        options={choices.map((value) => ({ value, label: t(`adopt.${value}`) }))}
      />
      {own.decision !== "ADOPTED" && (
        <Input.TextArea
          id="reason-whole"
          aria-label={t("adopt.reasonOfWhole")}
          aria-required
          aria-invalid={lacks}
          placeholder={t(`adopt.reasonHint.${own.decision === "PARTLY" ? "PARTLY" : "REJECTED"}`)}
          value={own.reason}
          status={lacks ? "error" : ""}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 5 }}
          onChange={(event) => onChange({ ...own, reason: event.target.value })}
        />
      )}
      <div role="alert" className={styles.lack}>
        {lacks && t("adopt.needReason")}
      </div>
    </div>
  );
}

/** Gives the focus to an element, or to the first thing in it that takes it. */
function focusIn(id: string): void {
  const element = document.getElementById(id);
  (element?.matches("textarea") ? element : element?.querySelector("input"))?.focus();
}

const choices = ["ADOPTED", "PARTLY", "REJECTED"] as const;

interface ItemDecisionProps {
  item: AdviceItem;
  n: number;
  own: Decision | undefined;
  /** the doctor wanted to sign: what is missing is said now */
  told: boolean;
  refusal: string | undefined;
  onChange: (patch: Partial<Decision>) => void;
}

function ItemDecision({ item, n, own, told, refusal, onChange }: ItemDecisionProps) {
  const { t } = useTranslation("desk");
  const { label } = useCatalogue();
  const { said } = useOpinionWords();
  const lacks = lack(own);
  const wrong =
    refusal ??
    (told && lacks === "decision"
      ? t("adopt.needDecision")
      : told && lacks === "reason"
        ? t("adopt.needReason")
        : undefined);
  const choice = own?.decision;
  return (
    <li className={styles.item}>
      <p>
        <Tone kind="primary">{label("adviceKinds", item.kind)}</Tone>{" "}
        <span className={styles.text}>{said(item)}</span>
      </p>
      <Radio.Group
        id={`decision-${item.id}`}
        aria-label={t("adopt.decisionOf", { n })}
        value={choice}
        onChange={(event) => onChange({ decision: event.target.value as Choice })}
        options={choices.map((value) => ({ value, label: t(`adopt.${value}`) }))}
      />
      {choice && choice !== "ADOPTED" && (
        <Input.TextArea
          id={`reason-${item.id}`}
          aria-label={t("adopt.reasonOf", { n })}
          aria-required
          aria-invalid={wrong !== undefined}
          placeholder={t(`adopt.reasonHint.${choice}`)}
          value={own?.reason ?? ""}
          status={wrong ? "error" : ""}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 5 }}
          onChange={(event) => onChange({ reason: event.target.value })}
        />
      )}
      <div role="alert" className={styles.lack}>
        {wrong}
      </div>
    </li>
  );
}

/** What was decided; also for an opinion that needs no decision. */
function Decided({ c }: { c: Consultation }) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { label } = useCatalogue();
  const words = useOpinionWords();
  const { adoption } = c;
  if (!adoption) return <Notice kind="primary">{t("adopt.notOpen")}</Notice>;
  const tones = { ADOPTED: "good", PARTLY: "caution", REJECTED: "danger" } as const;
  return (
    <Panel title={t("adopt.done")}>
      <div role="status">
        <Notice kind="good">
          {t("report.signedBy", {
            name: adoption.attending.name,
            time: format.moment(adoption.signedAt, now),
          })}
        </Notice>
      </div>
      <ol className={styles.items}>
        {c.advice
          .filter((item) => !item.superseded)
          .map((item) => (
            <li key={item.id} className={styles.item}>
              <p>
                {item.decision && <Tone kind={tones[item.decision]}>{t(`adopt.${item.decision}`)}</Tone>}{" "}
                <strong>{label("adviceKinds", item.kind)}</strong> {words.said(item)}
              </p>
              {item.decisionReason && <p className={styles.quiet}>{item.decisionReason}</p>}
            </li>
          ))}
      </ol>
      {adoption.reason && (
        <p>
          {adoption.decision && (
            <Tone kind={tones[adoption.decision]}>{t(`adopt.${adoption.decision}`)}</Tone>
          )}{" "}
          {adoption.reason}
        </p>
      )}
      {adoption.finalDiagnoses.length > 0 && (
        <div className={styles.field}>
          <strong>{t("adopt.finalDiagnoses")}</strong>
          <ol className={styles.text}>
            {adoption.finalDiagnoses.map((d) => (
              <li key={`${d.code ?? ""} ${d.text}`}>{words.diagnosis(d)}</li>
            ))}
          </ol>
        </div>
      )}
      {adoption.finalPlan && (
        <div className={styles.field}>
          <strong>{t("adopt.plan")}</strong>
          <p className={styles.text}>{adoption.finalPlan}</p>
        </div>
      )}
      <p className={styles.quiet}>{adoption.sealNote}</p>
      <p className={styles.digest}>
        {t("report.digest")} {adoption.digest}
      </p>
    </Panel>
  );
}
