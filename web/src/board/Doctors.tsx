import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useServerNow } from "../clock/useServerNow";
import { Panel } from "../desk/parts/Panel";
import { useFormat } from "../i18n/useFormat";
import { type BoardDoctor, inOrder, isFree } from "./board";
import styles from "./Board.module.css";
import { PresenceTone } from "./PresenceTone";

/** Who could take a request: free doctors first. Those who are away are a number until it is pressed. */
export function Doctors({ of }: { of: readonly BoardDoctor[] }) {
  const { t } = useTranslation("board");
  const [all, setAll] = useState(false);
  const doctors = inOrder(of);
  const away = doctors.filter((d) => d.presence === "OFF");
  const shown = all ? doctors : doctors.filter((d) => d.presence !== "OFF");
  return (
    <Panel title={t("doctors.title")}>
      <ul className={styles.doctors}>
        {shown.map((d) => (
          <Doctor key={`${d.person.id} ${d.department}`} of={d} />
        ))}
      </ul>
      {away.length > 0 && (
        <Button type="link" className={styles.plain} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("doctors.hideOff") : t("doctors.off", { n: away.length })}
        </Button>
      )}
    </Panel>
  );
}

function Doctor({ of }: { of: BoardDoctor }) {
  const { t } = useTranslation("board");
  const format = useFormat();
  const now = useServerNow(30_000);
  const idle = isFree(of) && of.idleSince ? (now.getTime() - Date.parse(of.idleSince)) / 1000 : undefined;
  return (
    <li className={styles.doctor}>
      <span>
        <strong>{of.person.name}</strong> <span className={styles.quiet}>{of.department}</span>
      </span>
      <PresenceTone of={of} />
      {idle !== undefined && idle >= 60 && (
        <span className={styles.quiet}>{t("doctors.idle", { span: format.span(idle - (idle % 60)) })}</span>
      )}
    </li>
  );
}
