import { CheckOutlined, DownOutlined, MinusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { inView, type LadderStep, standing, timeOf } from "./ladder";
import styles from "./Ladder.module.css";

/** What was done, what happens now and what comes next and when, one step a line. The present step is lit and said to be it. */
export function Ladder({ steps }: { steps: readonly LadderStep[] }) {
  const { t } = useTranslation("bedside");
  const [all, setAll] = useState(false);
  const { shown, hidden } = inView(steps, all);
  return (
    <div className={styles.ladder}>
      {hidden > 0 && (
        <Button type="link" icon={<DownOutlined aria-hidden />} onClick={() => setAll(true)}>
          {t("waiting.earlierSteps", { n: hidden })}
        </Button>
      )}
      <ol aria-label={t("waiting.steps")}>
        {shown.map((step, i) => (
          <li
            // Steps of one kind come again and again; their order never changes.
            key={`${step.code} ${step.at ?? ""} ${hidden + i}`}
            data-code={step.code}
            data-state={standing(step)}
            aria-current={step.current ? "step" : undefined}
          >
            <span className={styles.rung} aria-hidden>
              {standing(step) === "done" && <CheckOutlined />}
              {standing(step) === "missed" && <MinusOutlined />}
            </span>
            <span className={styles.words}>{step.message}</span>
            <StepTime of={step} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function StepTime({ of }: { of: LadderStep }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow();
  const time = timeOf(of, now);
  if (!time) return null;
  switch (time.key) {
    case "at":
      return <span className={styles.time}>{format.moment(time.at, now)}</span>;
    case "soon":
      return <span className={styles.time}>{t("waiting.stepSoon")}</span>;
    case "left":
      // Counted every second: not for a screen reader, to which the step itself was told.
      return (
        <span className={styles.left} aria-hidden>
          {t(of.code === "ladder_ringing" ? "waiting.ringLeft" : "waiting.stepLeft", {
            span: format.span(time.seconds),
          })}
        </span>
      );
    default:
      return (
        <span className={styles.time}>
          {t("waiting.stepIn", {
            time: format.moment(time.at, now),
            span: format.span(coarse(time.seconds)),
          })}
        </span>
      );
  }
}

/** Above two minutes only minutes matter. */
function coarse(seconds: number): number {
  return seconds > 120 ? seconds - (seconds % 60) : seconds;
}
