import { FileSearchOutlined, WarningOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { Photos } from "../desk/parts/Photos";
import { Tone } from "../theme";
import styles from "./Life.module.css";
import { Dialog, Refused } from "../dialog";
import { DayPicker } from "../dates";

const evidenceId = "revisit-evidence";

/** Brings what is to be judged into sight. */
export function showEvidence(): void {
  document.getElementById(evidenceId)?.scrollIntoView({ block: "center" });
}

/** What an online follow-up rests on, judged by the doctor; the bedside adds pieces. Shown where it matters or exists. */
export function EvidencePanel({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const [adding, setAdding] = useState(false);
  const revisit = c.serviceType === "ONLINE_REVISIT";
  const list = c.evidence ?? [];
  const may = c.actions.includes("addEvidence");
  if (list.length === 0 && !(revisit && may)) return null;
  return (
    <section id={evidenceId} className={styles.panel} data-kind="primary" aria-label={t("evidence.title")}>
      <h2>{t("evidence.title")}</h2>
      {revisit && !list.some((one) => one.decision === "QUALIFIED") && <p>{t("evidence.needed")}</p>}
      <ul className={styles.plain}>
        {list.map((one) => (
          <Piece key={one.id} c={c} of={one} />
        ))}
      </ul>
      {may && (
        <div className={styles.acts}>
          <Button icon={<FileSearchOutlined aria-hidden />} onClick={() => setAdding(true)}>
            {t("evidence.add")}
          </Button>
        </div>
      )}
      {adding && <AddEvidence c={c} onClose={() => setAdding(false)} />}
    </section>
  );
}

function Piece({ c, of }: { c: Consultation; of: Schemas["Evidence"] }) {
  const { t } = useTranslation("life");
  const { chosen } = useCatalogue();
  const [note, setNote] = useState("");
  const judge = useCommand("post", "/api/v1/consultations/{id}/evidence-judgement");
  const photo = c.photos.filter((p) => p.id === of.attachmentId);
  const decide = (decision: "QUALIFIED" | "NOT_QUALIFIED") =>
    judge.mutate({
      path: { id: c.id },
      body: { epoch: c.epoch, evidenceId: of.id, decision, ...(note.trim() ? { note: note.trim() } : {}) },
    });
  return (
    <li className={styles.field}>
      <span>
        <strong>{chosen("revisit_evidence", of.type)}</strong> {of.issuingInstitution} {of.dated}{" "}
        {[of.diagnosisCode, of.diagnosis].filter(Boolean).join(" ")}
      </span>
      <span className={styles.acts}>
        {of.old && (
          <Tone kind="caution" icon={<WarningOutlined aria-hidden />}>
            {t("evidence.old", { n: of.oldAfterMonths })}
          </Tone>
        )}
        {of.decision && (
          <Tone kind={of.decision === "QUALIFIED" ? "good" : "danger"}>
            {t(`evidence.${of.decision}`, { name: of.judgedBy ?? "" })}
          </Tone>
        )}
      </span>
      {of.note && <span>{of.note}</span>}
      {photo.length > 0 && <Photos of={photo} />}
      {c.actions.includes("judgeEvidence") && (
        <>
          <Input
            aria-label={t("note")}
            placeholder={t("note")}
            value={note}
            maxLength={500}
            onChange={(event) => setNote(event.target.value)}
          />
          <span className={styles.acts}>
            <Button type="primary" loading={judge.isPending} onClick={() => decide("QUALIFIED")}>
              {t("evidence.accept")}
            </Button>
            <Button loading={judge.isPending} onClick={() => decide("NOT_QUALIFIED")}>
              {t("evidence.reject")}
            </Button>
          </span>
        </>
      )}
      <Refused error={judge.error} />
    </li>
  );
}

/** One more piece, entered at the bedside. */
export function AddEvidence({ c, onClose }: { c: Consultation; onClose: () => void }) {
  const { t } = useTranslation(["life", "common"]);
  const { choices } = useCatalogue();
  const [type, setType] = useState<string>();
  const [institution, setInstitution] = useState("");
  const [dated, setDated] = useState<string>();
  const [query, setQuery] = useState("");
  const [diagnosis, setDiagnosis] = useState<string>();
  const [photo, setPhoto] = useState<string>();
  const found =
    useRead("/api/v1/conditions", { query: { q: query } }, { enabled: query.length > 0 }).data ?? [];
  const add = useCommand("post", "/api/v1/consultations/{id}/evidence", { onSuccess: onClose });
  // What the resident is known to have needs no search.
  const known = c.resident.conditions;
  const terms = query === "" ? known : found;
  return (
    <Dialog
      title={t("evidence.add")}
      onClose={onClose}
      act={t("evidence.save")}
      busy={add.isPending}
      ready={Boolean(type && institution.trim() && dated && diagnosis)}
      error={add.error}
      onAct={() =>
        type &&
        dated &&
        diagnosis &&
        add.mutate({
          path: { id: c.id },
          body: {
            type,
            issuingInstitution: institution.trim(),
            dated,
            diagnosisCode: diagnosis,
            ...(photo ? { attachmentId: photo } : {}),
          },
        })
      }
    >
      <label className={styles.field} htmlFor="evidence-type">
        {t("evidence.type")}
        <Select
          id="evidence-type"
          value={type ?? null}
          options={choices("revisit_evidence")}
          onChange={(next) => setType(next ?? undefined)}
        />
      </label>
      <label className={styles.field}>
        {t("evidence.institution")}
        <Input value={institution} maxLength={100} onChange={(event) => setInstitution(event.target.value)} />
      </label>
      <div className={styles.row}>
        <label className={styles.field} htmlFor="evidence-dated">
          {t("evidence.dated")}
          <DayPicker id="evidence-dated" value={dated} onChange={setDated} />
        </label>
        <label className={styles.field} htmlFor="evidence-diagnosis">
          {t("evidence.diagnosis")}
          <Select
            id="evidence-diagnosis"
            value={diagnosis ?? null}
            showSearch={{ filterOption: false, onSearch: setQuery }}
            options={terms.map((term) => ({ value: term.code, label: `${term.code} ${term.zh}` }))}
            onChange={(next) => setDiagnosis(next ?? undefined)}
          />
        </label>
      </div>
      {c.photos.length > 0 && (
        <label className={styles.field} htmlFor="evidence-photo">
          {t("evidence.photo")}
          <Select
            id="evidence-photo"
            allowClear
            value={photo ?? null}
            options={c.photos.map((p, i) => ({ value: p.id, label: t("evidence.photoN", { n: i + 1 }) }))}
            onChange={(next) => setPhoto(next ?? undefined)}
          />
        </label>
      )}
    </Dialog>
  );
}
