import { CheckCircleOutlined, ClockCircleOutlined, StopOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { type Consultation, useCatalogue, useRead } from "../api";
import type { Schemas } from "../api/types";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { Mend, type Mends, Reasons, Unconfirmed } from "./Reasons";
import styles from "./Rules.module.css";

const nothing: Mends = {};

/**
 * After the call: whether it counts, in words, with what can still be mended. What can no longer be mended is no alarm for who
 * gave care: it is said quietly, and the reasons are one tap away.
 */
export function CountNote({ c, mends = nothing }: { c: Consultation; mends?: Mends }) {
  const { t } = useTranslation("rules");
  const { data } = useRead("/api/v1/consultations/{id}/countability", { path: { id: c.id } });
  const answer = data?.answer;
  if (!answer) return null;
  if (answer.failed.some((f) => !f.fixable))
    return (
      <section className={styles.choice} aria-label={t("count.title")}>
        <details>
          <summary>{t("count.careStands")}</summary>
          <Findings findings={answer.failed} mends={mends} />
        </details>
      </section>
    );
  return (
    <section className={styles.choice} aria-label={t("count.title")}>
      <div className={styles.line}>
        <Verdict answer={answer} />
        {answer.countable && <Goal answer={answer} />}
      </div>
      <Findings findings={answer.failed} mends={mends} />
    </section>
  );
}

/** In the call and while writing: what would keep it from counting and can be mended now. */
export function CountForecast({ c, mends = nothing }: { c: Consultation; mends?: Mends }) {
  const { t } = useTranslation("rules");
  const { data } = useRead("/api/v1/consultations/{id}/services", { path: { id: c.id } });
  const option = data?.services.find((s) => s.service === data.chosen);
  const reasons = option?.reasons.filter((r) => r.effect !== "WARNS") ?? [];
  if (reasons.length === 0) return null;
  return (
    <section className={styles.choice} aria-label={t("count.forecast")}>
      <Tone kind="caution" icon={<ClockCircleOutlined />}>
        {t("count.forecast")}
      </Tone>
      <Reasons reasons={reasons} mends={mends} />
    </section>
  );
}

/** 可计入 · 还差 2 项 · 不可计入 */
export function Verdict({ answer }: { answer: Schemas["CountabilityAnswer"] }) {
  const { t } = useTranslation("rules");
  const open = answer.failed.filter((f) => f.fixable).length;
  if (answer.countable)
    return (
      <Tone kind="good" icon={<CheckCircleOutlined />}>
        {t("count.yes")}
      </Tone>
    );
  if (open === answer.failed.length)
    return (
      <Tone kind="caution" icon={<ClockCircleOutlined />}>
        {t("count.soFar", { n: open })}
      </Tone>
    );
  return (
    <Tone kind="danger" icon={<StopOutlined />}>
      {t("count.no")}
    </Tone>
  );
}

export function Goal({ answer }: { answer: Schemas["CountabilityAnswer"] }) {
  const { t } = useTranslation("rules");
  const { chosen } = useCatalogue();
  if (!answer.goal) return null;
  return <span className={styles.quiet}>{t("count.goal", { goal: chosen("goal", answer.goal) })}</span>;
}

/** `sources`: with the rules' codes, and which have to be confirmed. */
export function Findings({
  findings,
  mends,
  sources = false,
}: {
  findings: readonly Schemas["CountFinding"][];
  mends: Mends;
  sources?: boolean;
}) {
  const { t } = useTranslation("rules");
  const format = useFormat();
  const now = useServerNow(60_000);
  if (findings.length === 0) return null;
  // What decides first: what cannot be mended; the rest is still to be done, but no longer makes it count.
  return (
    <ul className={styles.list}>
      {[...findings.filter((f) => !f.fixable), ...findings.filter((f) => f.fixable)].map((f) => (
        <li key={f.rule}>
          <span className={styles.grow}>
            {sources && <span className={styles.quiet}>{f.rule}</span>} {f.message}{" "}
            {sources && f.unconfirmed && <Unconfirmed rule={f.rule} />}
            {f.fixable && f.fixableUntil && (
              <span className={styles.quiet}>
                {" "}
                {t("count.until", { time: format.moment(f.fixableUntil, now) })}
              </span>
            )}
          </span>
          {f.fixable && f.mend && <Mend code={f.mend} label={f.mendLabel ?? f.mend} act={mends[f.mend]} />}
        </li>
      ))}
    </ul>
  );
}
