import { useTranslation } from "react-i18next";

/** The ward's entry in the main menu. */
export function WardLabel() {
  return useTranslation("bedside").t("ward.title");
}
