import { AudioOutlined, CheckOutlined, MessageOutlined, UploadOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { type ReactNode, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCommand } from "../../api";
import { SignaturePad } from "../../call";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Tone } from "../../theme";
import styles from "./Consent.module.css";
import type { ConsentField, ConsentForm } from "./signers";
import { useRecording } from "./useRecording";
import { Refused } from "../../dialog";

interface Props {
  c: Consultation;
  form: ConsentForm;
  change: (next: Partial<ConsentForm>) => void;
  errorOf: (field: ConsentField) => string | undefined;
  signer: string;
}

/** What proves the consent, by the way in which it is given. */
export function ConsentProof(props: Props) {
  const { t } = useTranslation("bedside");
  switch (props.form.method) {
    case "SMS_CODE":
      return <ByCode {...props} />;
    case "PAPER_SCAN":
      return <OnPaper {...props} />;
    case "VOICE_VIDEO":
      return <Spoken {...props} />;
    default:
      return (
        <Proof label={t("consent.signature", { name: props.signer })} error={props.errorOf("signaturePng")}>
          <SignaturePad onChange={(signature) => props.change({ signature })} />
        </Proof>
      );
  }
}

function Proof({
  label,
  error,
  children,
  htmlFor,
}: {
  label: string;
  error: string | undefined;
  children: ReactNode;
  htmlFor?: string;
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

function ByCode({ c, form, change, errorOf }: Props) {
  const { t } = useTranslation("around");
  const format = useFormat();
  const now = useServerNow(60_000);
  const id = useId();
  const send = useCommand("post", "/api/v1/consultations/{id}/consent-code", {
    onSuccess: (sent) => change({ codeId: sent.id, code: "" }),
  });
  const sent = form.codeId === send.data?.id ? send.data : undefined;
  const signer = form.signer === "INSTITUTION_EMERGENCY" ? "SELF" : form.signer;
  return (
    <>
      <p className={styles.hint}>{t("method.sms.hint")}</p>
      <span className={styles.row}>
        <Button
          icon={<MessageOutlined aria-hidden />}
          loading={send.isPending}
          disabled={signer !== "SELF" && form.name.trim() === ""}
          onClick={() =>
            send.mutate({
              path: { id: c.id },
              body: { signerKind: signer, ...(signer === "SELF" ? {} : { signerName: form.name.trim() }) },
            })
          }
        >
          {sent ? t("method.sms.again") : t("method.sms.send")}
        </Button>
        {sent && (
          <span role="status">
            {t("method.sms.sent", { phone: sent.phoneMasked, time: format.moment(sent.expiresAt, now) })}
          </span>
        )}
      </span>
      <Refused error={send.error} />
      <Proof label={t("method.sms.code")} htmlFor={id} error={errorOf("code")}>
        <Input
          id={id}
          value={form.code}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          className={styles.code ?? ""}
          onChange={(event) => change({ code: event.target.value.replaceAll(/\D/g, "") })}
        />
      </Proof>
    </>
  );
}

/** Stores a scan or a recording for this consultation. */
function useEvidence(
  c: Consultation,
  kind: "CONSENT_SCAN" | "CONSENT_RECORDING",
  onStored: (id: string) => void,
) {
  const upload = useCommand("post", "/api/v1/consultations/{id}/documents", {
    onSuccess: (stored) => onStored(stored.id),
  });
  return {
    send: (file: Blob) => upload.mutate({ path: { id: c.id }, query: { kind }, body: file }),
    busy: upload.isPending,
    error: upload.error,
  };
}

function OnPaper({ c, form, change, errorOf }: Props) {
  const { t } = useTranslation("around");
  const input = useRef<HTMLInputElement>(null);
  const upload = useEvidence(c, "CONSENT_SCAN", (evidenceId) => change({ evidenceId }));
  return (
    <Proof label={t("method.PAPER_SCAN")} error={errorOf("evidenceId")}>
      <p className={styles.hint}>{t("method.paper.hint")}</p>
      <span className={styles.row}>
        <Button
          icon={<UploadOutlined aria-hidden />}
          loading={upload.busy}
          onClick={() => input.current?.click()}
        >
          {form.evidenceId ? t("method.paper.again") : t("method.paper.take")}
        </Button>
        {form.evidenceId && (
          <Tone kind="good" icon={<CheckOutlined aria-hidden />}>
            {t("method.paper.done")}
          </Tone>
        )}
      </span>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("method.paper.take")}
        accept="application/pdf,image/jpeg,image/png,image/webp"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) upload.send(file);
        }}
      />
      <Refused error={upload.error} />
    </Proof>
  );
}

function Spoken({ c, form, change, errorOf }: Props) {
  const { t } = useTranslation("around");
  const format = useFormat();
  const id = useId();
  const upload = useEvidence(c, "CONSENT_RECORDING", (evidenceId) => change({ evidenceId }));
  const recording = useRecording(upload.send);
  const [username, password] = [form.witness.username, form.witness.password];
  return (
    <>
      <Proof label={t("method.VOICE_VIDEO")} error={errorOf("evidenceId")}>
        <p className={styles.hint}>{t("method.voice.hint")}</p>
        <span className={styles.row}>
          <Button
            icon={<AudioOutlined aria-hidden />}
            danger={recording.running}
            loading={upload.busy}
            onClick={recording.running ? recording.stop : () => void recording.start()}
          >
            {recording.running
              ? t("method.voice.stop", { span: format.span(recording.seconds) })
              : form.evidenceId
                ? t("method.voice.again")
                : t("method.voice.record")}
          </Button>
          {form.evidenceId && !recording.running && (
            <Tone kind="good" icon={<CheckOutlined aria-hidden />}>
              {t("method.voice.done")}
            </Tone>
          )}
        </span>
        {recording.failed && <span role="alert">{t("method.voice.failed")}</span>}
        <Refused error={upload.error} />
      </Proof>
      <Proof label={t("method.voice.witness")} error={errorOf("secondWitness")}>
        <div className={styles.pair}>
          <div className={styles.field}>
            <label htmlFor={`${id}-user`}>{t("method.voice.username")}</label>
            <Input
              id={`${id}-user`}
              value={username}
              autoComplete="off"
              maxLength={64}
              onChange={(event) => change({ witness: { username: event.target.value, password } })}
            />
          </div>
          <div className={styles.field}>
            <label htmlFor={`${id}-password`}>{t("method.voice.password")}</label>
            <Input.Password
              id={`${id}-password`}
              value={password}
              autoComplete="new-password"
              maxLength={256}
              onChange={(event) => change({ witness: { username, password: event.target.value } })}
            />
          </div>
        </div>
      </Proof>
    </>
  );
}

/** The ways in which a consent may be given, as chips would take too much room beside the text. */
export function useMethods(): { value: ConsentForm["method"]; label: string }[] {
  const { t } = useTranslation("around");
  const [methods] = useState(["DRAWN", "SMS_CODE", "PAPER_SCAN", "VOICE_VIDEO"] as const);
  return methods.map((value) => ({ value, label: t(`method.${value}`) }));
}
