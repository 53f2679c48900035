import { useTranslation } from "react-i18next";
import { useCatalogue, type Vital } from "../../api";
import { useFormat } from "../../i18n/useFormat";
import styles from "./Parts.module.css";

/** A reading with its name: bold, coloured and with an arrow when it is abnormal, and in words to a screen reader. */
export function Reading({ of, bare = false }: { of: Vital; bare?: boolean }) {
  const { t } = useTranslation("common");
  const format = useFormat();
  const { vital, label } = useCatalogue();
  const term = vital(of.code);
  const flag = format.vitalFlag(of.flag);
  const odd = of.qualifier !== undefined;
  const value = term ? format.vital(of, term) : (of.value ?? t("states.none"));
  return (
    <span
      className={styles.reading}
      data-flag={flag?.critical ? "critical" : flag || odd ? "odd" : undefined}
    >
      {!bare && <span className={styles.readingName}>{label("vitals", of.code)}</span>}
      <span className={styles.readingValue}>
        {value}
        {flag && (
          <>
            <span aria-hidden> {flag.arrow}</span>
            <span className="visually-hidden"> {flag.word}</span>
          </>
        )}
      </span>
    </span>
  );
}
