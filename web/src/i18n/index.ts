import { createInstance, type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import { resources } from "./resources";
import type { Language } from "./types";

export type { Language, Messages } from "./types";

const stored = "lz-language";

/** The language that this device was last used in; Chinese when never chosen. */
export function rememberedLanguage(): Language {
  return localStorage.getItem(stored) === "en" ? "en" : "zh-CN";
}

/** The current language of an i18next instance as the contract's code. */
export function languageOf(instance: i18n): Language {
  return instance.language === "en" ? "en" : "zh-CN";
}

/** Makes the translator. Error sentences are not in it: they come from the server. */
export function createI18n(language: Language = rememberedLanguage()): i18n {
  const instance = createInstance();
  instance.on("languageChanged", (next) => {
    localStorage.setItem(stored, next);
    document.documentElement.lang = next;
    document.title = instance.t("common:product");
  });
  void instance.use(initReactI18next).init({
    resources,
    lng: language,
    fallbackLng: "zh-CN",
    ns: Object.keys(resources.en),
    defaultNS: "common",
    initAsync: false,
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: false },
  });
  // `{{bed, bed}}`: the bed before a name; nothing where somebody is at home and has none.
  instance.services.formatter?.add("bed", (bed: unknown, spoken?: string) =>
    typeof bed !== "string" || bed === "" ? "" : spoken === "en" ? `Bed ${bed} ` : `${bed} 床 `,
  );
  return instance;
}
