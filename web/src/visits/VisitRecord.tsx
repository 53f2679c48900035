import { CameraOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAttachment, useCatalogue } from "../api";
import { useServices } from "../app/services";
import { PhotoCapture } from "../call";
import { DayPicker, useToday } from "../dates";
import { DiagnosisList } from "../desk/report/DiagnosisEditor";
import { Refused } from "../dialog";
import type { Act } from "../offline/acts";
import { Held } from "../offline/Held";
import { Picture } from "../offline/Picture";
import { useAway } from "../offline/useOffline";
import type { Visit } from "./parts";
import { AdviceLines, Questions, Readings } from "./RecordFields";
import { SignedFor, SignFor, SignRecord } from "./Signatures";
import { type Template, templates } from "./templates";
import { type Draft, useRecordDraft } from "./useRecordDraft";
import styles from "./Visits.module.css";

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
  const { options } = useCatalogue();
  const { offline } = useServices();
  const today = useToday();
  const away = useAway();
  const id = useId();
  const open = of.state === "ARRIVED" || of.state === "LEFT";
  const [photo, setPhoto] = useState(false);
  const [signing, setSigning] = useState<"FOR" | "RECORD">();
  const record = useRecordDraft(of, server, acts, draft);
  const { content, put, change, held, conflict, dirty, base, setFailed } = record;
  const waiting = acts.some((act) => act.kind === "RECORD" && act.state === "WAITING");

  const template = content.template as Template | undefined;
  const disabled = !open || conflict;
  const about = { about: { kind: "visit" as const, id: of.id }, who: of.residentName };
  const keepPhoto = (blob: Blob) => {
    setPhoto(false);
    setFailed(undefined);
    offline.act({ kind: "PHOTO", ...about }, blob).catch(setFailed);
  };
  return (
    <section
      className={styles.card}
      data-closed={of.state === "DONE" || undefined}
      aria-labelledby={`${id}-title`}
    >
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
      <Readings vitals={content.vitals ?? []} disabled={disabled} onChange={(vitals) => put({ vitals })} />
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
      <AdviceLines
        advice={content.advice ?? []}
        open={open}
        disabled={disabled}
        onChange={(advice) => put({ advice })}
      />
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
          <Button
            type="primary"
            loading={record.saving}
            disabled={!dirty || conflict}
            onClick={() => void record.save()}
          >
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
      <Refused error={record.failed} />
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

function Photo({ id }: { id: string }) {
  const { t } = useTranslation("visits");
  const { url } = useAttachment(id);
  return url ? <img src={url} alt={t("record.photos")} /> : null;
}
