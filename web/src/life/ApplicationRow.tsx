import { EditOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue, useRead } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { ApplicationSheet } from "./ApplicationSheet";
import styles from "./Life.module.css";

/** An application in words: what for, when, and by whom at least. */
export function useApplicationWords() {
  const { t } = useTranslation("life");
  const { chosen } = useCatalogue();
  const language = useLanguage();
  const format = useFormat();
  const now = useServerNow(60_000);
  return {
    purposes: (of: Schemas["Application"]) =>
      [of.purposes.map((code) => chosen("purpose", code)).join(t("separator")), of.purposeNote]
        .filter(Boolean)
        .join(t("opinion.colon")),
    time: (of: Schemas["Application"]) =>
      of.window
        ? t("application.window", {
            from: format.moment(of.window.from, now),
            to: format.moment(of.window.to, now),
          })
        : t("application.byUrgency"),
    title: (of: Schemas["Application"]) => {
      const term = of.titles.find(({ code }) => code === of.wantedTitle);
      return term
        ? t("application.atLeast", { title: language === "en" ? term.en : term.zh })
        : t("application.anyTitle");
    },
  };
}

/** The form of application before the call, in one line with a way to change it. */
export function ApplicationRow({ id }: { id: string }) {
  const { t } = useTranslation("life");
  const words = useApplicationWords();
  const [open, setOpen] = useState(false);
  const { data } = useRead("/api/v1/consultations/{id}/application", { path: { id } });
  if (!data) return null;
  return (
    <div className={styles.line}>
      <span>
        <strong>{words.purposes(data)}</strong>
        <br />
        <span className={styles.quiet}>
          {words.time(data)} · {words.title(data)}
        </span>
      </span>
      {data.editable && (
        <Button icon={<EditOutlined aria-hidden />} onClick={() => setOpen(true)}>
          {t("application.change")}
        </Button>
      )}
      {open && <ApplicationSheet key={data.revision} id={id} of={data} onClose={() => setOpen(false)} />}
    </div>
  );
}
