import { useTranslation } from "react-i18next";

/** What the rule tables say of values that this system proposes: everything else names a document, which has no other name. */
const proposed = "本系统建议值，待主管部门确认";

/** Where a value comes from, in the reader's language as far as it has words of its own. */
export function useSourceWords(): (source: string) => string {
  const { t } = useTranslation("goals");
  return (source) => (source === proposed ? t("indicators.proposed") : source);
}
