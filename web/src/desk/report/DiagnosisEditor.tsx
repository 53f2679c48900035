import { DeleteOutlined } from "@ant-design/icons";
import { Button, Segmented, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, type Term, useRead } from "../../api";
import { useLanguage } from "../../i18n/useLanguage";
import { fieldId } from "./fields";
import styles from "./Report.module.css";
import type { Draft } from "./useDraft";

type Diagnosis = Schemas["Diagnosis"];

/** How many diagnoses a report may have (contract). */
const most = 10;
/** ms after the last key before the list is searched */
const pause = 200;
/** the value of the option that takes the words as they are */
const free = "free";

/** Diagnoses of a report. */
export function DiagnosisEditor({ draft }: { draft: Draft }) {
  const { t } = useTranslation("desk");
  return (
    <div className={styles.field}>
      <label htmlFor={fieldId("diagnoses")}>{t("report.diagnoses")}</label>
      <DiagnosisList
        id={fieldId("diagnoses")}
        diagnoses={draft.content.diagnoses ?? []}
        onChange={(diagnoses) => draft.change({ diagnoses }, false)}
      />
    </div>
  );
}

/** Diagnoses, found by name, pinyin initials or ICD-10 code; words that the list does not know are allowed. */
export function DiagnosisList({
  id,
  label,
  diagnoses,
  onChange,
}: {
  /** of the search field; items have it with their number */
  id: string;
  /** of the search field, where no label names it */
  label?: string;
  diagnoses: Diagnosis[];
  onChange: (diagnoses: Diagnosis[]) => void;
}) {
  const { t } = useTranslation("desk");
  const put = (i: number, patch: Partial<Diagnosis>) =>
    onChange(diagnoses.map((d, at) => (at === i ? { ...d, ...patch } : d)));
  return (
    <>
      {diagnoses.length > 0 && (
        <ul className={styles.diagnoses}>
          {diagnoses.map((d, i) => (
            <li
              key={`${d.code ?? ""} ${d.text}`}
              className={styles.diagnosis}
              id={`${id}-${i}`}
              tabIndex={-1}
            >
              <span className={styles.diagnosisText}>
                {d.code && <code>{d.code}</code>} {d.text}
              </span>
              <Segmented
                size="small"
                aria-label={t("report.certainty", { what: d.text })}
                value={d.certainty ?? "PROVISIONAL"}
                onChange={(certainty) => put(i, { certainty })}
                options={(["CONFIRMED", "PROVISIONAL", "SUSPECTED"] as const).map((value) => ({
                  value,
                  label: t(`report.${value}`),
                }))}
              />
              <Button
                type="text"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t("report.diagnosisRemove", { what: d.text })}
                onClick={() => onChange(diagnoses.filter((_, at) => at !== i))}
              />
            </li>
          ))}
        </ul>
      )}
      {diagnoses.length < most && (
        <Search
          id={id}
          label={label}
          onFound={(found) => {
            if (!diagnoses.some((d) => d.text === found.text && d.code === found.code))
              onChange([...diagnoses, { ...found, certainty: "PROVISIONAL" }]);
          }}
        />
      )}
    </>
  );
}

function Search({
  id,
  label,
  onFound,
}: {
  id: string;
  label: string | undefined;
  onFound: (found: Pick<Diagnosis, "code" | "text">) => void;
}) {
  const { t } = useTranslation("desk");
  const language = useLanguage();
  const [typed, setTyped] = useState("");
  const query = useSettled(typed.trim(), pause);
  const found = useRead(
    "/api/v1/conditions",
    { query: { q: query || "-" } },
    { enabled: query !== "", keepPrevious: true, staleTime: Number.POSITIVE_INFINITY },
  );
  // Without network nobody answers, and words are all there is.
  const asked = found.isFetched || found.failureCount > 0;
  const answered = query === typed.trim() && asked && !found.isPlaceholderData;
  const terms: Term[] = query ? (found.data ?? []) : [];
  const name = (term: Term) => (language === "en" ? term.en : term.zh);
  const options = [
    ...terms.map((term) => ({
      value: term.code,
      label: (
        <span className={styles.option}>
          <code>{term.code}</code> {name(term)}
          {term.hint && <span className={styles.quiet}> {term.hint}</span>}
        </span>
      ),
    })),
    // Words as they are only once the list has answered for exactly these: a quick Enter must not lose the code.
    ...(query && answered ? [{ value: free, label: t("report.diagnosisFree", { text: query }) }] : []),
  ];
  return (
    <Select
      id={id}
      aria-label={label}
      className={styles.wide}
      showSearch={{
        filterOption: false,
        searchValue: typed,
        onSearch: (text) => setTyped(text.slice(0, 50)),
      }}
      value={null}
      placeholder={t("report.diagnosisSearch")}
      suffixIcon={null}
      notFoundContent={null}
      options={options}
      onSelect={(code: string | null) => {
        const term = terms.find((one) => one.code === code);
        // The record is Chinese: a diagnosis carries its Chinese name in either language of the page.
        if (term) onFound({ code: term.code, text: term.zh });
        else if (query) onFound({ text: query });
        setTyped("");
      }}
    />
  );
}

/** The value once it has not changed for a while. */
function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
