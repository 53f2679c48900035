import { useTranslation } from "react-i18next";
import { type Range, sayRange } from "./range";

/** Says a range in words: 约 3–6 分钟, 2 分钟内. */
export function useRangeWords(): (range: Range) => string {
  const { t } = useTranslation("bedside");
  return (range) => {
    const said = sayRange(range);
    return said.key === "within"
      ? t(`range.within.${said.unit}`, { to: said.to })
      : t(`range.between.${said.unit}`, { from: said.from, to: said.to });
  };
}
