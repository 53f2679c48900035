import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { createFormat, type Format } from "./format";
import { useLanguage } from "./useLanguage";

/** The formatters in the page's language. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  const language = useLanguage();
  return useMemo(() => createFormat(i18n, language), [i18n, language]);
}
