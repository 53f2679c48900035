import { AudioOutlined, CheckCircleFilled, ClockCircleOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { type Consultation, useCommand } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { useOpinionWords } from "../../life/opinion";
import { tidy } from "./merge";
import styles from "./Report.module.css";
import type { Draft } from "./useDraft";
import { Refused } from "../../dialog";

/** Asks the nurse on the line to read the advice back, and shows her ticks as they come. */
export function ReadBackPanel({ c, draft }: { c: Consultation; draft: Draft }) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { said } = useOpinionWords();
  const ask = useCommand("post", "/api/v1/consultations/{id}/read-backs");
  const asked = c.readBacks ?? [];
  const may = c.actions.includes("askReadBack");
  if (!may && asked.length === 0) return null;
  const items = (tidy(draft.content).advice ?? []).filter((item) => item.text.trim() !== "");
  const known = (item: (typeof items)[number]) =>
    asked.find((one) => one.kind === item.kind && said(one) === said(item));
  const fresh = items.filter((item) => !known(item)).length;
  return (
    <section className={styles.readBack} aria-label={t("report.readBack.title")}>
      <div className={styles.row}>
        <h3>{t("report.readBack.title")}</h3>
        {may && (
          <Button
            icon={<AudioOutlined aria-hidden />}
            disabled={fresh === 0}
            loading={ask.isPending}
            onClick={() => ask.mutate({ path: { id: c.id }, body: { epoch: c.epoch, items } })}
          >
            {asked.length === 0
              ? t("report.readBack.ask")
              : fresh > 0
                ? t("report.readBack.again", { n: fresh })
                : t("report.readBack.asked")}
          </Button>
        )}
      </div>
      {asked.length === 0 ? (
        <p className={styles.quiet}>{t("report.readBack.hint")}</p>
      ) : (
        <ul aria-live="polite">
          {asked.map((one) => (
            <li key={one.id}>
              {one.readBackAt ? (
                <CheckCircleFilled className={styles.read} aria-hidden />
              ) : (
                <ClockCircleOutlined className={styles.quiet} aria-hidden />
              )}
              <span>{said(one)}</span>
              <span className={styles.quiet}>
                {one.readBackAt
                  ? t("report.readBack.done", {
                      name: one.readBackBy,
                      time: format.moment(one.readBackAt, now),
                    })
                  : t("report.readBack.waits")}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Refused error={ask.error} />
    </section>
  );
}
