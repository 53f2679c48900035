import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { leaveWords } from "./push";

/** Keeps the service worker's words in the language of the account. */
export function PushWords() {
  const { t } = useTranslation("admin");
  const title = t("notify.push.title");
  const body = t("notify.push.body");
  useEffect(() => void leaveWords({ title, body, url: "/" }), [title, body]);
  return null;
}
