import { useTranslation } from "react-i18next";
import styles from "./Parts.module.css";

/** How complete a request is: reason, complaint, readings, consent; a dot each, and the number in words. */
export function Dots({ n }: { n: number }) {
  const { t } = useTranslation("desk");
  return (
    <span className={styles.dots}>
      {[1, 2, 3, 4].map((i) => (
        <span key={i} className={styles.dot} data-full={i <= n} aria-hidden />
      ))}
      <span className={styles.dotsWord}>{t("queue.completeness", { n })}</span>
    </span>
  );
}
