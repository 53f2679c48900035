import { CameraOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber, Radio, Select } from "antd";
import { useCallback, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useAttachment, useCatalogue, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { PhotoCapture, SignaturePad } from "../call";
import { useServerNow } from "../clock/useServerNow";
import { DayPicker, useToday } from "../dates";
import { DiagnosisList } from "../desk/report/DiagnosisEditor";
import { Dialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { useProof } from "../life/useProof";
import { type Act, isConflict } from "../offline/acts";
import { Held } from "../offline/Held";
import { Picture } from "../offline/Picture";
import { useAway } from "../offline/useOffline";
import { Notice } from "../theme";
import type { Visit } from "./parts";
import { type Template, templates } from "./templates";
import { useVisitsRefresh } from "./useVisits";
import styles from "./Visits.module.css";

type Content = Schemas["VisitRecordContent"];
type Advice = NonNullable<Content["advice"]>[number];

const measured = ["SBP", "DBP", "PULSE", "SPO2", "TEMP", "RESP", "GLU_CAP", "WEIGHT"] as const;

/** What is typed and not saved, with what it was typed over. */
interface Draft {
  content: Content;
  base: { revision: number; content: Content };
}

/** ms after the last key until what is typed lies on the device */
const pause = 400;

/**
 * The record of a visit: written from the arrival on, signed once. What is typed lies on the device at once; saving writes an act,
 * which is sent when the server can be reached. `server` is the visit as the server has it, `of` with the acts counted in.
 */
export function VisitRecord({ of, server, acts }: { of: Visit; server: Visit; acts: readonly Act[] }) {
  const { offline } = useServices();
  const [draft, setDraft] = useState<Draft | null>();
  useEffect(() => {
    let here = true;
    const take = (found: Draft | undefined) => here && setDraft(found ?? null);
    offline.draft<Draft>(`visit ${of.id}`).then(take, () => take(undefined));
    return () => {
      here = false;
    };
  }, [offline, of.id]);
  if (draft === undefined) return null;
  return <RecordForm of={of} server={server} acts={acts} draft={draft} />;
}

function RecordForm({
  of,
  server,
  acts,
  draft,
}: {
  of: Visit;
  server: Visit;
  acts: readonly Act[];
  draft: Draft | null;
}) {
  const { t } = useTranslation(["visits", "offline"]);
  const { options, vital } = useCatalogue();
  const { offline, clock } = useServices();
  const today = useToday();
  const away = useAway();
  const id = useId();
  const open = of.state === "ARRIVED" || of.state === "LEFT";
  const [content, setContent] = useState<Content>(draft?.content ?? of.record ?? {});
  const [dirty, setDirty] = useState(draft !== null);
  const [base, setBase] = useState(
    draft?.base ?? { revision: server.recordRevision, content: server.record ?? {} },
  );
  const [photo, setPhoto] = useState(false);
  const [signing, setSigning] = useState<"FOR" | "RECORD">();
  const [saving, setSaving] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const latest = useRef<Draft | null>(draft);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const saved = useRef<string>(undefined);
  const held = acts.filter((act) => act.state === "HELD" && act.kind !== "STEP" && act.kind !== "BOOKING");
  const conflict = held.some((act) => act.kind === "RECORD" && isConflict(act));
  const waiting = acts.some((act) => act.kind === "RECORD" && act.state === "WAITING");

  // What the server has becomes what one writes over: when nothing is typed here, and when it is what was saved here.
  const theirs = JSON.stringify(server.record ?? {});
  useEffect(() => {
    if (acts.some((act) => act.kind === "RECORD")) return;
    if (dirty && theirs !== saved.current) return;
    setBase({ revision: server.recordRevision, content: JSON.parse(theirs) as Content });
    if (!dirty) setContent(JSON.parse(theirs) as Content);
  }, [theirs, server.recordRevision, dirty, acts]);

  const keepNow = useCallback(() => {
    clearTimeout(timer.current);
    if (latest.current) void offline.keepDraft(`visit ${of.id}`, latest.current).catch(setFailed);
  }, [offline, of.id]);
  useEffect(() => {
    const hidden = () => document.visibilityState === "hidden" && keepNow();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      keepNow();
    };
  }, [keepNow]);
  const change = (next: Content) => {
    setContent(next);
    setDirty(true);
    latest.current = { content: next, base };
    clearTimeout(timer.current);
    timer.current = setTimeout(keepNow, pause);
  };
  const put = (patch: Partial<Content>) => change({ ...content, ...patch });
  const reading = (code: string) => content.vitals?.find((v) => v.code === code)?.value;
  const measure = (code: string, value: number | null) => {
    const rest = (content.vitals ?? []).filter((v) => v.code !== code);
    put({
      vitals:
        value === null
          ? rest
          : [...rest, { code, value, confirmed: true, takenAt: new Date(clock.now()).toISOString() }],
    });
  };
  const advice = content.advice ?? [];
  const template = content.template as Template | undefined;
  const disabled = !open || conflict;
  const about = { about: { kind: "visit" as const, id: of.id }, who: of.residentName };
  const send = async () => {
    setSaving(true);
    setFailed(undefined);
    const body = { revision: base.revision, content, at: new Date(clock.now()).toISOString() };
    const refused = held.find((act) => act.kind === "RECORD");
    try {
      if (refused) {
        await offline.log.again(refused, { at: body.at, body, base: base.content } as Partial<Act>);
        offline.retry();
      } else await offline.act({ kind: "RECORD", ...about, at: body.at, body, base: base.content });
      saved.current = JSON.stringify(content);
      latest.current = null;
      clearTimeout(timer.current);
      setDirty(false);
      await offline.dropDraft(`visit ${of.id}`);
    } catch (error) {
      setFailed(error);
    } finally {
      setSaving(false);
    }
  };
  const keepPhoto = (blob: Blob) => {
    setPhoto(false);
    setFailed(undefined);
    offline.act({ kind: "PHOTO", ...about }, blob).catch(setFailed);
  };
  return (
    <section className={styles.card} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("record.title")}</h2>
      <label className={styles.field}>
        {t("record.template")}
        <Select
          disabled={disabled}
          value={template ?? ""}
          onChange={(value) => put({ template: value, answers: {} })}
          options={[
            { value: "", label: t("record.plain") },
            ...(Object.keys(templates) as Template[]).map((value) => ({
              value,
              label: t(`questions.${value}.title`),
            })),
          ]}
        />
      </label>
      {template && template in templates && (
        <Questions
          template={template}
          answers={content.answers ?? {}}
          disabled={disabled}
          onChange={(answers) => put({ answers })}
        />
      )}
      <label className={styles.field}>
        {t("record.findings")}
        <Input.TextArea
          disabled={disabled}
          value={content.findings ?? ""}
          placeholder={t("record.findingsHint")}
          maxLength={4000}
          autoSize={{ minRows: 3 }}
          onChange={(e) => put({ findings: e.target.value })}
        />
      </label>
      <fieldset className={styles.fields} aria-label={t("record.vitals")}>
        {measured.map((code) => {
          const term = vital(code);
          if (!term) return null;
          return (
            <label key={code} className={styles.field}>
              {term.zh === term.en ? code : `${labelOf(term)} (${term.unitLabel})`}
              <InputNumber
                disabled={disabled}
                value={reading(code) ?? null}
                min={term.possibleLow}
                max={term.possibleHigh}
                step={term.decimals > 0 ? 0.1 : 1}
                onChange={(value) => measure(code, value)}
              />
            </label>
          );
        })}
      </fieldset>
      <label className={styles.field}>
        {t("record.done")}
        <Input.TextArea
          disabled={disabled}
          value={content.done ?? ""}
          placeholder={t("record.doneHint")}
          maxLength={2000}
          autoSize={{ minRows: 2 }}
          onChange={(e) => put({ done: e.target.value })}
        />
      </label>
      {open && (
        <div className={styles.field}>
          <label htmlFor={`${id}-diagnoses`}>{t("record.diagnoses")}</label>
          <DiagnosisList
            id={`${id}-diagnoses`}
            diagnoses={content.diagnoses ?? []}
            onChange={(diagnoses) => put({ diagnoses })}
          />
        </div>
      )}
      <div className={styles.field}>
        <span>{t("record.advice")}</span>
        {advice.map((a, i) => (
          // oxlint-disable-next-line no-array-index-key -- lines have no other identity
          <span key={i} className={styles.line}>
            <Select
              disabled={disabled}
              aria-label={t("record.advice")}
              value={a.kind}
              onChange={(kind: Advice["kind"]) =>
                put({ advice: advice.map((x, at) => (at === i ? { ...x, kind } : x)) })
              }
              options={options("adviceKinds")}
              style={{ minWidth: "8rem" }}
            />
            <Input
              disabled={disabled}
              aria-label={`${t("record.advice")} ${i + 1}`}
              value={a.text}
              maxLength={500}
              style={{ flex: 1, minWidth: "12rem" }}
              onChange={(e) =>
                put({ advice: advice.map((x, at) => (at === i ? { ...x, text: e.target.value } : x)) })
              }
            />
            {open && (
              <Button
                type="text"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={`${t("record.advice")} ${i + 1}`}
                onClick={() => put({ advice: advice.filter((_, at) => at !== i) })}
              />
            )}
          </span>
        ))}
        {open && advice.length < 20 && (
          <Button
            icon={<PlusOutlined aria-hidden />}
            onClick={() => put({ advice: [...advice, { kind: "NURSING", text: "" }] })}
          >
            {t("record.adviceAdd")}
          </Button>
        )}
      </div>
      <div className={styles.fields}>
        <label className={styles.field}>
          {t("record.outcome")}
          <Select
            disabled={disabled}
            value={content.outcome ?? null}
            onChange={(outcome) => put(outcome ? { outcome } : {})}
            options={options("outcomes")}
          />
        </label>
        <label className={styles.field} htmlFor={`${id}-next`}>
          {t("record.nextOn")}
          <DayPicker
            id={`${id}-next`}
            disabled={disabled}
            value={content.nextOn ?? null}
            min={today}
            onChange={(nextOn) => {
              const { nextOn: _, ...rest } = content;
              change(nextOn ? { ...rest, nextOn } : rest);
            }}
          />
        </label>
      </div>
      {open && (
        <span className={styles.acts}>
          <Button type="primary" loading={saving} disabled={!dirty || conflict} onClick={() => void send()}>
            {t("record.save")}
          </Button>
          <span className={styles.quiet} role="status">
            {dirty
              ? t("record.unsaved")
              : waiting
                ? t("record.onDevice")
                : base.revision > 0
                  ? t("record.saved")
                  : ""}
          </span>
        </span>
      )}
      <Refused error={failed} />
      {held.map((act) => (
        <Held key={act.id} act={act} />
      ))}
      <div className={styles.field}>
        <span>{t("record.photos")}</span>
        <span className={styles.photos}>
          {of.photos
            .filter((p) => p.kind === "PHOTO")
            .map((p) => (
              <Photo key={p.id} id={p.id} />
            ))}
          {acts
            .filter((act) => act.kind === "PHOTO")
            .map((act) => (
              <Picture key={act.id} id={act.id} />
            ))}
          {open && (
            <Button icon={<CameraOutlined aria-hidden />} onClick={() => setPhoto(true)}>
              {t("record.addPhoto")}
            </Button>
          )}
        </span>
        <PhotoCapture open={photo} onClose={() => setPhoto(false)} onPhoto={keepPhoto} />
      </div>
      <SignedFor of={of} onSign={() => setSigning("FOR")} />
      {server.actions.includes("SIGN") ? (
        <>
          <Button
            type="primary"
            size="large"
            disabled={dirty || away || acts.length > 0}
            onClick={() => setSigning("RECORD")}
          >
            {t("record.sign")}
          </Button>
          {(away || acts.length > 0) && <span className={styles.quiet}>{t("record.sendFirst")}</span>}
        </>
      ) : of.state === "ARRIVED" ? (
        <span className={styles.quiet}>{t("record.leaveFirst")}</span>
      ) : (
        of.state === "LEFT" && <span className={styles.quiet}>{t("record.sendFirst")}</span>
      )}
      {signing === "FOR" && <SignFor of={of} onClose={() => setSigning(undefined)} />}
      {signing === "RECORD" && (
        <SignRecord of={of} revision={base.revision} onClose={() => setSigning(undefined)} />
      )}
    </section>
  );
}

const labelOf = (term: { zh: string; en: string }) =>
  document.documentElement.lang.startsWith("en") ? term.en : term.zh;

function Photo({ id }: { id: string }) {
  const { t } = useTranslation("visits");
  const { url } = useAttachment(id);
  return url ? <img src={url} alt={t("record.photos")} /> : null;
}

function Questions({
  template,
  answers,
  disabled,
  onChange,
}: {
  template: Template;
  answers: Record<string, string>;
  disabled: boolean;
  onChange: (answers: Record<string, string>) => void;
}) {
  const { t } = useTranslation("visits");
  return (
    <div className={styles.fields}>
      {templates[template].map(({ key, quick }) => {
        const words = t(`questions.${template}.${key}` as never) as string;
        return (
          <div key={key} className={styles.field} role="group" aria-label={words}>
            <span>{words}</span>
            <Radio.Group
              disabled={disabled}
              optionType="button"
              size="small"
              value={answers[key] ?? ""}
              onChange={(e) => onChange({ ...answers, [key]: String(e.target.value) })}
              options={quick.map((q) => ({ value: q, label: t(`quick.${q}`) }))}
            />
          </div>
        );
      })}
    </div>
  );
}

/** Nobody of the household has signed yet, and until when that can follow. */
function NeedsSignature({ of }: { of: Visit }) {
  const { t } = useTranslation("visits");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <Notice kind="caution">
      {of.proofUntil
        ? t("record.needSignatureBy", { time: format.moment(of.proofUntil, now) })
        : t("record.needSignature")}
    </Notice>
  );
}

function SignedFor({ of, onSign }: { of: Visit; onSign: () => void }) {
  const { t } = useTranslation("visits");
  const { chosen } = useCatalogue();
  const may = ["ARRIVED", "LEFT", "DONE"].includes(of.state) && !of.signedFor;
  return (
    <div className={styles.field}>
      <span>{t("record.signature")}</span>
      {of.signedFor ? (
        <span>
          {t("record.signedBy", { name: of.signedForName, kind: chosen("visit_signer", of.signedFor) })}
        </span>
      ) : (
        <NeedsSignature of={of} />
      )}
      {may && (
        <span>
          <Button onClick={onSign}>{t("record.signAct")}</Button>
        </span>
      )}
    </div>
  );
}

function SignFor({ of, onClose }: { of: Visit; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const { choices } = useCatalogue();
  const [kind, setKind] = useState<"RESIDENT" | "FAMILY">("RESIDENT");
  const [name, setName] = useState("");
  const [png, setPng] = useState<string | null>(null);
  const signer = kind === "RESIDENT" ? of.residentName : name.trim();
  const { offline, clock } = useServices();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const send = async () => {
    if (!png) return;
    setBusy(true);
    const at = new Date(clock.now()).toISOString();
    try {
      await offline.act({
        kind: "SIGNATURE",
        about: { kind: "visit", id: of.id },
        who: of.residentName,
        at,
        body: { kind, name: signer, png, at },
      });
      onClose();
    } catch (error) {
      setFailed(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("record.signature")}
      width="wide"
      onClose={onClose}
      act={t("record.signAct")}
      ready={png !== null && signer !== ""}
      busy={busy}
      error={failed}
      onAct={() => void send()}
    >
      <p>{t("record.signatureHint")}</p>
      <Radio.Group
        aria-label={t("record.signerKind")}
        value={kind}
        onChange={(e) => setKind(e.target.value as typeof kind)}
        options={choices("visit_signer").filter((o) => o.value !== "CARER")}
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
    </Dialog>
  );
}

function SignRecord({ of, revision, onClose }: { of: Visit; revision: number; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const refresh = useVisitsRefresh();
  const [password, setPassword] = useState("");
  const factor = useRead("/api/v1/me/second-factor");
  const proof = useProof(factor.data);
  const enrolled = factor.data?.enrolled ?? false;
  const send = useCommand("post", "/api/v1/visits/{id}/sign", {
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  const sign = async () => {
    const given = enrolled ? { proof: await proof.prove() } : {};
    try {
      await send.mutateAsync({ path: { id: of.id }, body: { revision, password, ...given } });
    } finally {
      proof.clear(); // each code works once
    }
  };
  return (
    <Dialog
      title={t("record.signTitle")}
      onClose={onClose}
      act={t("record.sign")}
      ready={password !== "" && !factor.isPending && (!enrolled || proof.ready)}
      busy={send.isPending || proof.busy}
      error={send.error}
      onAct={() => {
        sign().catch(() => undefined); // what was refused stands in the dialog
      }}
    >
      <p>{t("record.signBody")}</p>
      {!of.signedFor && <NeedsSignature of={of} />}
      <Input.Password
        aria-label={t("record.password")}
        placeholder={t("record.password")}
        autoComplete="current-password"
        value={password}
        onChange={(e) => setPassword(e.target.value)}
      />
      {proof.field}
    </Dialog>
  );
}
