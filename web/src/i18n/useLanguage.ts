import { useTranslation } from "react-i18next";
import type { Language } from "./types";

/** The page's language as the contract's code. */
export function useLanguage(): Language {
  return useTranslation().i18n.language === "en" ? "en" : "zh-CN";
}
