import { Checkbox, Input, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue, useCommand } from "../api";
import { useServices } from "../app/services";
import { MomentPicker } from "../dates";
import { Dialog } from "../dialog";
import { useLanguage } from "../i18n/useLanguage";
import styles from "./Life.module.css";

type Application = Schemas["Application"];

const hour = 3_600_000;

/** The form of application: everything stands there already and can be changed. */
export function ApplicationSheet({ id, of, onClose }: { id: string; of: Application; onClose: () => void }) {
  const { t } = useTranslation("life");
  const { choices } = useCatalogue();
  const { clock } = useServices();
  const language = useLanguage();
  const [purposes, setPurposes] = useState(of.purposes);
  const [note, setNote] = useState(of.purposeNote ?? "");
  const [summary, setSummary] = useState(of.summary ?? "");
  const [title, setTitle] = useState(of.wantedTitle);
  const [from, setFrom] = useState<string | undefined>(of.window?.from);
  const [length, setLength] = useState(
    of.window ? Math.round((Date.parse(of.window.to) - Date.parse(of.window.from)) / hour) || 1 : 1,
  );
  const save = useCommand("put", "/api/v1/consultations/{id}/application", { onSuccess: onClose });
  const own = summary.trim() !== "" && summary.trim() !== (of.summaryProposed ? of.summary : "");
  return (
    <Dialog
      title={t("application.title")}
      width="wide"
      onClose={onClose}
      act={t("application.save")}
      busy={save.isPending}
      ready={purposes.length > 0}
      error={save.error}
      onAct={() =>
        save.mutate({
          path: { id },
          body: {
            revision: of.revision,
            purposes,
            ...(note.trim() ? { purposeNote: note.trim() } : {}),
            ...(own ? { summary: summary.trim() } : {}),
            ...(title ? { wantedTitle: title } : {}),
            ...(from
              ? { windowFrom: from, windowTo: new Date(Date.parse(from) + length * hour).toISOString() }
              : {}),
          },
        })
      }
    >
      <div role="group" aria-label={t("application.purposes")} className={styles.field}>
        <strong>{t("application.purposes")}</strong>
        <Checkbox.Group
          className={styles.ticks}
          options={choices("purpose")}
          value={purposes}
          onChange={(next) => setPurposes(next.map(String))}
        />
        <Input
          aria-label={t("application.purposeNote")}
          placeholder={t("application.purposeNote")}
          value={note}
          maxLength={500}
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
      <label className={styles.field} htmlFor="wanted-title">
        {t("application.wantedTitle")}
        <Select
          id="wanted-title"
          value={title}
          options={[
            { value: "", label: t("application.anyTitle") },
            ...of.titles.toReversed().map((one) => ({
              value: one.code,
              label: t("application.atLeast", { title: language === "en" ? one.en : one.zh }),
            })),
          ]}
          onChange={setTitle}
        />
      </label>
      <div role="group" aria-label={t("application.time")} className={styles.field}>
        <strong>{t("application.time")}</strong>
        <Radio.Group
          className={styles.ticks}
          value={from ? "window" : "soon"}
          onChange={(event) =>
            setFrom(
              event.target.value === "window"
                ? new Date(Math.ceil((clock.now() + hour) / hour) * hour).toISOString()
                : undefined,
            )
          }
          options={[
            { value: "soon", label: t("application.byUrgency") },
            { value: "window", label: t("application.atTime") },
          ]}
        />
        {from && (
          <div className={styles.row}>
            <MomentPicker
              id="window-from"
              minuteStep={15}
              allowClear={false}
              value={from}
              onChange={(next) => next && setFrom(next)}
            />
            <Select
              aria-label={t("application.hours")}
              value={length}
              options={[1, 2, 3, 4].map((n) => ({ value: n, label: t("application.forHours", { n }) }))}
              onChange={setLength}
            />
          </div>
        )}
      </div>
      <label className={styles.field}>
        {t("application.summary")}
        <Input.TextArea
          value={summary}
          maxLength={4000}
          autoSize={{ minRows: 3, maxRows: 10 }}
          onChange={(event) => setSummary(event.target.value)}
        />
        <span className={styles.quiet}>{t("application.summaryHint")}</span>
      </label>
    </Dialog>
  );
}
