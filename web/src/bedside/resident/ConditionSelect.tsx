import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRead } from "../../api";
import { useLanguage } from "../../i18n/useLanguage";

/** Diagnoses by code, name or pinyin initials. What was chosen before keeps its code until it is found again. */
export function ConditionSelect(props: {
  id?: string;
  value?: string[];
  onChange?: (codes: string[]) => void;
}) {
  const { t } = useTranslation("bedside");
  const language = useLanguage();
  const [typed, setTyped] = useState("");
  const q = typed.trim();
  const found = useRead("/api/v1/conditions", { query: { q } }, { enabled: q !== "", keepPrevious: true });
  const [known, setKnown] = useState<Record<string, string>>({});
  const options = (q ? (found.data ?? []) : []).map((term) => ({
    value: term.code,
    label: `${language === "en" ? term.en : term.zh} ${term.code}`,
  }));
  return (
    <Select
      {...props}
      mode="multiple"
      filterOption={false}
      options={options}
      labelRender={({ value, label }) => label ?? known[String(value)] ?? value}
      onSearch={setTyped}
      onSelect={(code: string) => {
        const option = options.find((o) => o.value === code);
        if (option) setKnown({ ...known, [code]: option.label });
      }}
      placeholder={t("form.conditionsHint")}
      notFoundContent={q ? t("form.noCondition") : t("form.conditionsHint")}
    />
  );
}
