import { EditOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, type Consultation, hasCode, useCatalogue, useCommand } from "../../api";
import { useMe } from "../../auth/useSession";
import { BookHere } from "../../booking/BookHere";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { useFactor } from "../../life/useFactor";
import { CaseReferrals } from "../../around/Referrals";
import { RequestVisit } from "../../visits/RequestVisit";
import { AdviceEditor } from "./AdviceEditor";
import { Conflict } from "./Conflict";
import { DiagnosisEditor } from "./DiagnosisEditor";
import { ExaminationField } from "./ExaminationField";
import { fieldId, focusField } from "./fields";
import { FollowUpField } from "./FollowUpField";
import { Gaps } from "./Gaps";
import { CountForecast } from "../../rules/CountNote";
import { useMends } from "../../rules/useMends";
import { showEvidence } from "../../life/Evidence";
import { PasswordDialog } from "./PasswordDialog";
import { ReadBackPanel } from "./ReadBackPanel";
import { ReferralField } from "./ReferralField";
import styles from "./Report.module.css";
import type { Draft } from "./useDraft";
import { Refused } from "../../dialog";

/** Services whose report makes no diagnosis and advises no drugs. */
const guidanceServices = new Set(["REHAB_CARE_GUIDE", "HEALTH_ADVICE"]);

export function isGuidance(serviceType: string): boolean {
  return guidanceServices.has(serviceType);
}

/** A written question that is still open ends when its answer is to be signed, without an act of its own. */
function endsFirst(c: Consultation): boolean {
  return (
    c.mode === "WRITTEN" && !c.actions.includes("signReport") && c.actions.includes("finishConsultation")
  );
}

/** The report from assessment to signature. Signing is held up by named gaps only, and each gap leads to its field. */
export function WrapUp({
  c,
  draft,
  onLost,
}: {
  c: Consultation;
  draft: Draft;
  onLost: (error: ApiError) => void;
}) {
  const { t } = useTranslation("desk");
  const { gaps } = draft;
  const [signing, setSigning] = useState(false);
  const signable = c.actions.includes("signReport") || endsFirst(c);
  const mends = {
    ...useMends(c, "work"),
    ...(c.actions.includes("judgeEvidence") ? { JUDGE_REVISIT_EVIDENCE: showEvidence } : {}),
  };

  // Only the server says what is missing: ask it once, also when nothing was written yet.
  const ask = useEffectEvent(() => {
    if (!gaps) void draft.flush();
  });
  useEffect(() => ask(), []);

  const finish = useCommand("post", "/api/v1/consultations/{id}/finish", {
    onSuccess: () => setSigning(true),
    onError: (error) => {
      if (hasCode(error, "epoch_stale")) onLost(error);
    },
  });
  const sign = async () => {
    if (!(await draft.flush())) return;
    if (endsFirst(c)) finish.mutate({ path: { id: c.id }, body: { epoch: c.epoch } });
    else setSigning(true);
  };
  return (
    <div className={styles.form}>
      <ReportFields c={c} draft={draft} />
      <CountForecast c={c} mends={mends} />
      <Refused error={finish.error} />
      <div className={`${styles.end} ${styles.sign}`}>
        {!signable && <span className={styles.quiet}>{t("report.cannotSign")}</span>}
        {signable && gaps && gaps.length > 0 && (
          <span className={styles.lack}>{t("report.gaps", { n: gaps.length })}</span>
        )}
        <Button
          type="primary"
          size="large"
          icon={<EditOutlined aria-hidden />}
          disabled={!signable}
          loading={finish.isPending}
          onClick={() => {
            const [first] = gaps ?? [];
            // Nothing unsaved can have mended it, as far as is known: lead there at once.
            if (first && draft.status.phase === "saved") focusField(first.field);
            else void sign();
          }}
        >
          {t("report.sign")}
        </Button>
      </div>
      <SignDialog c={c} draft={draft} open={signing} onClose={() => setSigning(false)} onLost={onLost} />
    </div>
  );
}

/** The fields of a report, with what is missing. */
export function ReportFields({ c, draft }: { c: Consultation; draft: Draft }) {
  const { t } = useTranslation("desk");
  const { options } = useCatalogue();
  const { content, gaps, change } = draft;
  const guidance = isGuidance(c.serviceType);
  return (
    <>
      <Conflict draft={draft} />
      <ExaminationField draft={draft} written={c.mode === "WRITTEN"} />
      <div className={styles.field}>
        <label htmlFor={fieldId("assessment")}>{t("report.assessment")}</label>
        <Input.TextArea
          id={fieldId("assessment")}
          value={content.assessment ?? ""}
          placeholder={t("report.assessmentHint")}
          onChange={(event) => change({ assessment: event.target.value })}
          maxLength={4000}
          autoSize={{ minRows: 3, maxRows: 12 }}
        />
      </div>
      {(!guidance || (content.diagnoses?.length ?? 0) > 0) && <DiagnosisEditor draft={draft} />}
      <div className={styles.field}>
        <span className={styles.label}>{t("report.advice")}</span>
        <AdviceEditor draft={draft} guidance={guidance} />
        <ReadBackPanel c={c} draft={draft} />
      </div>
      <div className={styles.two}>
        <div className={styles.field}>
          <label htmlFor={fieldId("outcome")}>{t("report.outcome")}</label>
          <Select
            id={fieldId("outcome")}
            className={styles.wide}
            value={content.outcome ?? null}
            placeholder={t("report.outcomeHint")}
            options={options("outcomes")}
            onChange={(outcome) => change({ outcome: outcome ?? undefined }, false)}
            showSearch={{ optionFilterProp: "label" }}
            allowClear
          />
        </div>
        <FollowUpField draft={draft} />
      </div>
      <ReferralField draft={draft} />
      <div className={styles.field}>
        <label htmlFor={fieldId("limits")}>{t("report.limits")}</label>
        <Input.TextArea
          id={fieldId("limits")}
          value={content.limits ?? ""}
          onChange={(event) => change({ limits: event.target.value })}
          maxLength={1000}
          autoSize={{ minRows: 2, maxRows: 6 }}
        />
      </div>
      <CaseReferrals c={c} />
      <BookHere
        c={c}
        from={content.followUpOn}
        open={content.followUpOn !== undefined || content.outcome === "HOME_VISIT_ADVISED"}
        home={content.outcome === "HOME_VISIT_ADVISED"}
        onBooked={(day) => change({ followUpOn: day }, false)}
      />
      <div>
        <RequestVisit residentId={c.resident.id} source="WRAP_UP" consultationId={c.id} />
      </div>
      <Gaps gaps={gaps} />
    </>
  );
}

function SignDialog({
  c,
  draft,
  open,
  onClose,
  onLost,
}: {
  c: Consultation;
  draft: Draft;
  open: boolean;
  onClose: () => void;
  onLost: (error: ApiError) => void;
}) {
  const { t } = useTranslation(["desk", "life"]);
  const me = useMe();
  const format = useFormat();
  const { label } = useCatalogue();
  const now = useServerNow(10_000);
  const sign = useCommand("post", "/api/v1/consultations/{id}/report", {
    onSuccess: onClose,
    onError: (error) => {
      if (hasCode(error, "epoch_stale")) onLost(error);
      else if (error instanceof ApiError && error.problem.fields?.some((f) => f.field !== "password")) {
        draft.missing(error.problem.fields);
        onClose();
      }
    },
  });
  const { content, revision } = draft;
  const factor = useFactor(c.id, "SIGNATURE");
  const [why, setWhy] = useState("");
  const late = c.reportLateAfter !== undefined && Date.parse(c.reportLateAfter) < now.getTime();
  const close = () => {
    sign.reset();
    onClose();
  };
  return (
    <PasswordDialog
      open={open}
      title={t("report.signTitle")}
      busy={sign.isPending || factor.busy}
      error={sign.error}
      onClose={close}
      ready={factor.ready && (!late || why.trim() !== "")}
      onSign={(password) =>
        void factor
          .before(() =>
            sign.mutateAsync({
              path: { id: c.id },
              body: {
                epoch: c.epoch,
                revision,
                password,
                ...(late && why.trim() ? { lateReason: why.trim() } : {}),
              },
            }),
          )
          .catch(() => undefined)
      }
    >
      <p>
        {t("report.signSummary", {
          diagnoses: content.diagnoses?.length ?? 0,
          advice: content.advice?.length ?? 0,
          outcome: label("outcomes", content.outcome) || t("report.none"),
        })}
      </p>
      <p>{t("report.signBody", { name: me.name, time: format.clock(now) })}</p>
      {c.state !== "REPORT_PENDING" && c.mode !== "WRITTEN" && <p>{t("report.signFinish")}</p>}
      {late && (
        <label className={styles.field}>
          {t("life:late.reason")}
          <Input.TextArea
            value={why}
            maxLength={500}
            autoSize={{ minRows: 1, maxRows: 4 }}
            onChange={(event) => setWhy(event.target.value)}
          />
        </label>
      )}
      {factor.field}
    </PasswordDialog>
  );
}
