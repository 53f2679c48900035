import { Button, Input, InputNumber, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { SignaturePad } from "../call";
import { Dialog } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import { BedLine } from "./BedsPage";
import { VisitRow } from "./parts";
import { RequestVisit } from "./RequestVisit";
import { useVisitsRefresh } from "./useVisits";
import styles from "./Visits.module.css";

type Bed = Schemas["HomeBed"];
type Action = "ASSESS" | "REJECT" | "OPEN" | "EXTEND" | "CLOSE";

/** One home bed: its plan, what is to be done with it, its rounds. */
function BedPage() {
  const { t } = useTranslation("visits");
  const { id = "" } = useParams();
  const bed = useRead("/api/v1/home-beds/{id}", { path: { id } });
  return (
    <Page title={bed.data ? `${t("bed.title")} ${bed.data.number}` : t("bed.title")}>
      <Loaded query={bed}>{(b) => <Shown of={b} />}</Loaded>
    </Page>
  );
}
export { BedPage as Component };

function Shown({ of }: { of: Bed }) {
  const { t } = useTranslation("visits");
  const format = useFormat();
  const { chosen } = useCatalogue();
  const [asking, setAsking] = useState<Action>();
  return (
    <div className={styles.stack}>
      <section className={styles.card} aria-label={of.residentName}>
        <BedLine of={of} />
        <span>
          {of.diagnosis} · {of.organisation} {of.doctor}
        </span>
        {of.reason && <span>{of.reason}</span>}
        {of.assessment && <span>{format.named(t("bed.assessment"), of.assessment)}</span>}
        {of.plan && (
          <span>
            {t("bed.plan")}：{of.plan}
          </span>
        )}
        {of.signedBy && <span className={styles.quiet}>{t("bed.signedBy", { name: of.signedBy })}</span>}
        {of.closeCode && (
          <span>
            {chosen("bed_close", of.closeCode)} {of.summary}
          </span>
        )}
        <span className={styles.acts}>
          {of.actions.map((action, i) => (
            <Button
              key={action}
              type={i === 0 ? "primary" : "default"}
              onClick={() => setAsking(action as Action)}
            >
              {chosen("bed_action", action)}
            </Button>
          ))}
          {of.state === "OPEN" &&
            (of.openVisitId ? (
              <Link to={`/visits/${of.openVisitId}`}>
                <Button>{t("bed.round")}</Button>
              </Link>
            ) : (
              <RequestVisit
                residentId={of.residentId}
                source="BED"
                homeBedId={of.id}
                reason={t("bed.roundReason")}
                label={t("bed.round")}
              />
            ))}
        </span>
        <span className={styles.quiet}>{t("bed.confirm")}</span>
      </section>
      {of.visits.length > 0 && (
        <section className={styles.stack}>
          <h2>{t("bed.roundsTitle")}</h2>
          <ul className={styles.list}>
            {of.visits.map((v) => (
              <VisitRow key={v.id} of={v} />
            ))}
          </ul>
        </section>
      )}
      {asking && <StepDialog key={asking} of={of} action={asking} onClose={() => setAsking(undefined)} />}
    </div>
  );
}

function StepDialog({ of, action, onClose }: { of: Bed; action: Action; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const { chosen, choices } = useCatalogue();
  const id = useId();
  const refresh = useVisitsRefresh();
  const [words, setWords] = useState("");
  const [plan, setPlan] = useState("");
  const [days, setDays] = useState<number>(of.roundDays);
  const [code, setCode] = useState<string>();
  const [kind, setKind] = useState<"RESIDENT" | "FAMILY">("RESIDENT");
  const [name, setName] = useState("");
  const [png, setPng] = useState<string | null>(null);
  const signer = kind === "RESIDENT" ? of.residentName : name.trim();
  const step = useCommand("post", "/api/v1/home-beds/{id}/step", {
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  const ready =
    action === "OPEN"
      ? png !== null && signer !== ""
      : words.trim() !== "" &&
        (action !== "ASSESS" || plan.trim() !== "") &&
        (action !== "CLOSE" || code !== undefined);
  return (
    <Dialog
      title={chosen("bed_action", action)}
      width={action === "OPEN" ? "wide" : "narrow"}
      onClose={onClose}
      act={chosen("bed_action", action)}
      ready={ready}
      busy={step.isPending}
      error={step.error}
      onAct={() =>
        step.mutate({
          path: { id: of.id },
          body: {
            action,
            revision: of.revision,
            ...(words.trim() ? { words: words.trim() } : {}),
            ...(action === "ASSESS" ? { plan: plan.trim(), roundDays: days } : {}),
            ...(code ? { code } : {}),
            ...(action === "OPEN" && png ? { signature: { kind, name: signer, png } } : {}),
          },
        })
      }
    >
      {action === "OPEN" ? (
        <>
          <p>{t("bed.agreement")}</p>
          <Notice kind="primary">{t("bed.confirm")}</Notice>
          <Select
            aria-label={t("record.signerKind")}
            value={kind}
            onChange={setKind}
            options={choices("visit_signer")
              .filter((o) => o.value !== "CARER")
              .map((o) => ({ value: o.value as "RESIDENT" | "FAMILY", label: o.label }))}
          />
          {kind !== "RESIDENT" && (
            <Input
              aria-label={t("record.signerName")}
              placeholder={t("record.signerName")}
              value={name}
              maxLength={60}
              onChange={(e) => setName(e.target.value)}
            />
          )}
          <SignaturePad onChange={setPng} />
        </>
      ) : (
        <>
          {action === "CLOSE" && (
            <Select
              aria-label={t("bed.closeCode")}
              placeholder={t("bed.closeCode")}
              value={code ?? null}
              onChange={(value) => setCode(value ?? undefined)}
              options={choices("bed_close")}
            />
          )}
          <label htmlFor={`${id}-words`}>{t(`bed.words.${action}`)}</label>
          <Input.TextArea
            id={`${id}-words`}
            value={words}
            maxLength={2000}
            autoSize={{ minRows: 2 }}
            onChange={(e) => setWords(e.target.value)}
          />
          {action === "ASSESS" && (
            <>
              <label htmlFor={`${id}-plan`}>{t("bed.plan")}</label>
              <Input.TextArea
                id={`${id}-plan`}
                value={plan}
                maxLength={2000}
                autoSize={{ minRows: 2 }}
                onChange={(e) => setPlan(e.target.value)}
              />
              <label htmlFor={`${id}-days`}>{t("bed.roundDays")}</label>
              <InputNumber
                id={`${id}-days`}
                min={1}
                max={31}
                value={days}
                onChange={(v) => setDays(v ?? 7)}
              />
            </>
          )}
        </>
      )}
    </Dialog>
  );
}
