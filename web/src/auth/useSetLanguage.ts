import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { call } from "../api/hooks";
import { useServices } from "../app/services";
import type { Language } from "../i18n";

/**
 * Changes the page's language, and the account's, so that it is the same on the next device and server sentences follow.
 * Everything is read again, because the server answers in the language of the request.
 */
export function useSetLanguage(): (language: Language) => void {
  const { i18n } = useTranslation();
  const { api, session, query } = useServices();
  return useCallback(
    (language) => {
      void i18n.changeLanguage(language);
      if (session.snapshot().phase !== "signedIn") return;
      void query.invalidateQueries();
      call(api, "patch", "/api/v1/me", { body: { locale: language } }).then(
        (me) => session.setMe(me),
        // The page speaks the language anyway; the account keeps the former until the next change.
        () => undefined,
      );
    },
    [i18n, api, session, query],
  );
}
