import { Button, Checkbox, Input, Select, Skeleton } from "antd";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  ApiError,
  type Consultation,
  hasCode,
  type Schemas,
  type Urgency,
  useCatalogue,
  useCommand,
  useRead,
} from "../../api";
import { Loaded } from "../../app/Loaded";
import { useLanguage } from "../../i18n/useLanguage";
import { Choice, Choices } from "../parts/Choice";
import styles from "./Consent.module.css";
import { ConsentProof, useMethods } from "./ConsentProof";
import {
  asConsentInput,
  type ConsentField,
  type ConsentForm,
  guardiansFor,
  missingFor,
  signersFor,
  type Tick,
} from "./signers";
import { Dialog, Refused } from "../../dialog";

interface Props {
  c: Consultation;
  urgency: Urgency;
  open: boolean;
  onClose: () => void;
  onGiven: () => void;
}

/** The ten-second sheet: the text, who signs, the ticks, the signature. Nothing is ticked beforehand. */
export function ConsentSheet(props: Props) {
  const { open, onClose } = props;
  const { t } = useTranslation(["bedside", "common"]);
  const language = useLanguage();
  const text = useRead("/api/v1/consent-text", { query: { locale: language } }, { enabled: open });
  if (!open) return null;
  if (!text.data) {
    return (
      <Dialog
        open
        width="picture"
        title={t("consent.title")}
        onClose={onClose}
        footer={<Button onClick={onClose}>{t("common:actions.close")}</Button>}
      >
        <Loaded query={text} skeleton={<Skeleton active paragraph={{ rows: 8 }} />}>
          {() => null}
        </Loaded>
      </Dialog>
    );
  }
  return <Form {...props} text={text.data} onStale={() => void text.refetch()} />;
}

function Form({
  c,
  urgency,
  onClose,
  onGiven,
  text,
  onStale,
}: Props & { text: Schemas["ConsentText"]; onStale: () => void }) {
  const { t } = useTranslation(["bedside", "around", "common"]);
  const signers = signersFor(c.resident.capacity, urgency);
  const methods = useMethods();
  const methodId = useId();
  const [form, setForm] = useState<ConsentForm>({
    signer: signers[0] ?? "SELF",
    name: "",
    relation: "",
    ticks: [],
    method: "DRAWN",
    signature: null,
    codeId: "",
    code: "",
    evidenceId: "",
    witness: { username: "", password: "" },
    reason: "",
  });
  const [pressed, setPressed] = useState(false);
  const give = useCommand("post", "/api/v1/consultations/{id}/consent", {
    onSuccess: onGiven,
    onError: (error) => {
      if (hasCode(error, "consent_text_changed")) onStale();
    },
  });
  const emergency = form.signer === "INSTITUTION_EMERGENCY";
  const required = text.ticks.filter((tick) => tick.required).map((tick) => tick.code);
  const missing = missingFor(form, required);
  const change = (next: Partial<ConsentForm>) => {
    setForm((known) => ({ ...known, ...next }));
    if (give.isError) give.reset();
  };
  const errorOf = (field: ConsentField | "signerKind"): string | undefined => {
    const fields = give.error instanceof ApiError ? (give.error.problem.fields ?? []) : [];
    const theirs = fields.find((f) => f.field === field || f.field.startsWith(`${field}/`));
    if (theirs) return theirs.message;
    if (!pressed || field === "signerKind" || !missing.includes(field)) return undefined;
    switch (field) {
      case "code":
      case "evidenceId":
      case "secondWitness":
        return t(`around:method.missing.${field}`);
      default:
        return t(`consent.missingField.${field}`);
    }
  };
  const body = useRef<HTMLDivElement>(null);
  // The first thing that is missing comes into view.
  useEffect(() => {
    if (pressed)
      body.current?.querySelector("[role=alert]:not(:empty)")?.scrollIntoView?.({ block: "center" });
  }, [pressed, give.error]);

  const send = () => {
    setPressed(true);
    if (missing.length === 0) give.mutate({ path: { id: c.id }, body: asConsentInput(form, text) });
  };

  return (
    <Dialog
      open
      width="picture"
      title={text.title}
      onClose={onClose}
      footer={
        <div className={styles.footer}>
          <span className={styles.quiet}>{t("consent.staff")}</span>
          <Button onClick={onClose}>{t("common:actions.cancel")}</Button>
          <Button type="primary" loading={give.isPending} onClick={send}>
            {emergency
              ? t("consent.approve")
              : form.method === "DRAWN"
                ? t("consent.agree")
                : t("consent.agreeOther")}
          </Button>
        </div>
      }
    >
      <div className={styles.columns} ref={body}>
        <div className={styles.form}>
          <Field label={t("consent.who")} error={errorOf("signerKind")}>
            <Choices label={t("consent.who")}>
              {signers.map((kind) => (
                <Choice
                  key={kind}
                  chosen={form.signer === kind}
                  onClick={() => change({ signer: kind, name: "", relation: "", reason: "" })}
                >
                  {t(`consent.signer.${kind}`)}
                </Choice>
              ))}
            </Choices>
          </Field>
          <Signer c={c} form={form} change={change} errorOf={errorOf} />
          {/* The text scrolls by itself, so that ticks and signature stay in view. */}
          <div
            className={styles.text}
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled by keyboard
            tabIndex={0}
            role="region"
            aria-label={t("consent.text")}
            lang={text.locale}
          >
            {text.paragraphs.map((paragraph) => (
              <Paragraph key={paragraph} text={paragraph} />
            ))}
          </div>
        </div>
        {!emergency && (
          <div className={styles.form}>
            <Field label={t("consent.ticks")} error={errorOf("ticks")}>
              <Ticks of={text.ticks.filter((tick) => tick.required)} form={form} change={change} />
            </Field>
            <Field label={t("around:method.title")} htmlFor={methodId} error={undefined}>
              <Select
                id={methodId}
                value={form.method}
                options={methods}
                onChange={(method) =>
                  change({ method, signature: null, codeId: "", code: "", evidenceId: "" })
                }
              />
            </Field>
            <ConsentProof
              key={form.method}
              c={c}
              form={form}
              change={change}
              errorOf={errorOf}
              signer={signerName(form, c)}
            />
            <Field label={t("consent.optionalTicks")} error={undefined}>
              <Ticks of={text.ticks.filter((tick) => !tick.required)} form={form} change={change} />
            </Field>
          </div>
        )}
      </div>
      <Refused error={give.error} />
    </Dialog>
  );
}

function Ticks({
  of,
  form,
  change,
}: {
  of: Schemas["ConsentTick"][];
  form: ConsentForm;
  change: (next: Partial<ConsentForm>) => void;
}) {
  return (
    <ul className={styles.ticks}>
      {of.map((tick) => (
        <li key={tick.code}>
          <Checkbox
            className={styles.tick}
            checked={form.ticks.includes(tick.code)}
            onChange={(event) => change({ ticks: withTick(form.ticks, tick.code, event.target.checked) })}
          >
            {tick.text}
          </Checkbox>
        </li>
      ))}
    </ul>
  );
}

/** What is asked of each kind of signer besides the ticks. */
function Signer({
  c,
  form,
  change,
  errorOf,
}: {
  c: Consultation;
  form: ConsentForm;
  change: (next: Partial<ConsentForm>) => void;
  errorOf: (field: ConsentField) => string | undefined;
}) {
  const { t } = useTranslation("bedside");
  const { label, options } = useCatalogue();
  const id = useId();
  if (form.signer === "SELF") return null;
  const known = guardiansFor(form.signer, c.resident.guardians ?? []);
  return (
    <>
      {form.signer !== "INSTITUTION_EMERGENCY" && (
        <>
          {known.length > 0 && (
            <Choices label={t("consent.known")}>
              {known.map((g) => (
                <Choice
                  key={g.name + g.relation}
                  chosen={form.name === g.name && form.relation === g.relation}
                  onClick={() => change({ name: g.name, relation: g.relation })}
                  hint={label("relations", g.relation)}
                >
                  {g.name}
                </Choice>
              ))}
            </Choices>
          )}
          <div className={styles.pair}>
            <Field label={t("consent.name")} htmlFor={`${id}-name`} error={errorOf("signerName")}>
              <Input
                id={`${id}-name`}
                value={form.name}
                maxLength={50}
                autoComplete="off"
                onChange={(event) => change({ name: event.target.value })}
              />
            </Field>
            <Field label={t("consent.relation")} htmlFor={`${id}-relation`} error={errorOf("relation")}>
              <Select
                id={`${id}-relation`}
                value={form.relation || null}
                options={options("relations")}
                onChange={(relation: string) => change({ relation })}
              />
            </Field>
          </div>
        </>
      )}
      <Field label={t(`consent.reason.${form.signer}`)} htmlFor={`${id}-reason`} error={errorOf("reason")}>
        <Input.TextArea
          id={`${id}-reason`}
          value={form.reason}
          maxLength={500}
          autoSize={{ minRows: 1, maxRows: 4 }}
          onChange={(event) => change({ reason: event.target.value })}
        />
      </Field>
    </>
  );
}

function withTick(ticks: Tick[], tick: Tick, on: boolean): Tick[] {
  const others = ticks.filter((t) => t !== tick);
  return on ? [...others, tick] : others;
}

function signerName(form: ConsentForm, c: Consultation): string {
  return form.signer === "SELF" ? c.resident.name : form.name;
}

/** A numbered line of its own is a heading: `一、这是什么服务`, `1. What this service is`. */
const heading = /^(?:[一二三四五六七八九十]+、|\d+\. )[^\n。；.;]{1,60}$/;

function Paragraph({ text }: { text: string }) {
  if (heading.test(text)) return <h3>{text}</h3>;
  return <p>{text}</p>;
}

function Field({
  label,
  htmlFor,
  error,
  children,
}: {
  label: string;
  htmlFor?: string;
  error: string | undefined;
  children: ReactNode;
}) {
  return (
    <div className={styles.field}>
      {htmlFor ? (
        <label htmlFor={htmlFor} className={styles.label}>
          {label}
        </label>
      ) : (
        <span className={styles.label}>{label}</span>
      )}
      {children}
      <div role="alert" className={styles.error}>
        {error}
      </div>
    </div>
  );
}
