import { CheckOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import styles from "./Request.module.css";

export const steps = ["reason", "vitals", "call"] as const;
export type Step = (typeof steps)[number];

/** Where one is on the way to the call. Steps of an existing draft may be gone to in any order. */
export function Steps({ now, draftId }: { now: Step; draftId?: string }) {
  const { t } = useTranslation("bedside");
  const at = steps.indexOf(now);
  return (
    <nav aria-label={t("steps.label")}>
      <ol className={styles.steps}>
        {steps.map((step, i) => {
          const words = (
            <>
              <span className={styles.stepMark} aria-hidden>
                {i < at ? <CheckOutlined /> : i + 1}
              </span>
              {t(`steps.${step}`)}
            </>
          );
          return (
            <li key={step} aria-current={step === now ? "step" : undefined}>
              {draftId && step !== now ? (
                <Link to={`/ward/requests/${draftId}?step=${step}`} replace>
                  {words}
                </Link>
              ) : (
                <span>{words}</span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
