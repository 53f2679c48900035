import {
  BellOutlined,
  CheckOutlined,
  CloseOutlined,
  DisconnectOutlined,
  MinusOutlined,
  MobileOutlined,
} from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import type { AskedDoctor } from "./board";
import styles from "./Board.module.css";

/** How many of those who were asked stand in the row; the last tell most. */
const few = 3;

const icons = {
  PENDING: BellOutlined,
  CLAIMED: CheckOutlined,
  LOST: MinusOutlined,
  DECLINED: CloseOutlined,
  LAPSED: MinusOutlined,
  WITHDRAWN: MinusOutlined,
};

/** What came of asking a doctor, in words. */
export function useAskedWords(): (asked: AskedDoctor) => string {
  const { t } = useTranslation("board");
  const { label } = useCatalogue();
  return ({ result, reason }) => {
    if (result !== "DECLINED" || !reason) return t(`asked.${result}`);
    const declined = label("declineReasons", reason);
    // A doctor may also have given it back.
    const why = declined === reason ? label("releaseReasons", reason) : declined;
    return t("asked.declinedWhy", { reason: why });
  };
}

/** Who was asked, with which result, and whether it rang at all. */
export function Asked({ of }: { of: readonly AskedDoctor[] }) {
  const { t } = useTranslation("board");
  const format = useFormat();
  const now = useServerNow(30_000);
  const words = useAskedWords();
  const [all, setAll] = useState(false);
  if (of.length === 0) return <span className={styles.quiet}>{t("asked.none")}</span>;
  const shown = all ? of : of.slice(-few);
  return (
    <>
      <ol className={styles.asked} aria-label={t("asked.title")}>
        {shown.map((a) => {
          const Icon = icons[a.result];
          return (
            <li key={`${a.doctorId} ${a.at}`} data-result={a.result}>
              <time dateTime={a.at}>{format.moment(a.at, now)}</time>
              <strong>{a.name}</strong>
              <span className={styles.result}>
                <Icon aria-hidden /> {words(a)}
              </span>
              <span className={a.delivered ? styles.quiet : styles.undelivered}>
                {a.delivered ? <MobileOutlined aria-hidden /> : <DisconnectOutlined aria-hidden />}{" "}
                {a.delivered ? t("asked.delivered") : t("asked.undelivered")}
              </span>
            </li>
          );
        })}
      </ol>
      {of.length > few && (
        <Button type="link" className={styles.plain} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t("asked.fewer") : t("asked.all", { n: of.length })}
        </Button>
      )}
    </>
  );
}
