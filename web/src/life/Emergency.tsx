import { useTranslation } from "react-i18next";
import type { Schemas } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import styles from "./Life.module.css";

/** The three times of an emergency, and who took over. */
export function Emergency({ of }: { of: Schemas["Emergency"] }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  const time = (at: string | undefined) => (at ? format.moment(at, now) : t("emergency.notNoted"));
  const rows: [string, string][] = [
    [t("emergency.called"), time(of.calledAt)],
    [t("emergency.arrived"), time(of.arrivedAt)],
    [t("emergency.handedOver"), time(of.handedOverAt)],
  ];
  if (of.handedTo) rows.push([t("emergency.handedTo"), of.handedTo]);
  return (
    <dl className={styles.times}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
