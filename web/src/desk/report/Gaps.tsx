import { ArrowRightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { FieldProblem } from "../../api";
import { focusField } from "./fields";
import styles from "./Report.module.css";
import { Notice } from "../../theme";

/** What is missing before signing, a sentence each, with the button that leads there. */
export function Gaps({ gaps }: { gaps: readonly FieldProblem[] | undefined }) {
  const { t } = useTranslation("desk");
  if (!gaps) return <p className={styles.quiet}>{t("report.gapsUnknown")}</p>;
  if (gaps.length === 0) return <Notice kind="good">{t("report.gapsNone")}</Notice>;
  return (
    <section className={styles.gaps} aria-labelledby="report-gaps">
      <h3 id="report-gaps">{t("report.gaps", { n: gaps.length })}</h3>
      <ul>
        {gaps.map((gap) => (
          <li key={`${gap.field} ${gap.code}`}>
            <span>{gap.message}</span>
            <Button
              size="small"
              icon={<ArrowRightOutlined aria-hidden />}
              iconPlacement="end"
              aria-label={t("report.fix", { what: gap.message })}
              onClick={() => focusField(gap.field)}
            >
              {t("report.fixShort")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
