import { CopyOutlined, SafetyCertificateOutlined } from "@ant-design/icons";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { useOpinionWords } from "../../life/opinion";
import { VersionDifference } from "../../life/VersionDifference";
import { Tone } from "../../theme";
import styles from "./Report.module.css";

type Report = Schemas["Report"];

/** A signed version in full, with what proves it. `advice: false` leaves the items out, where they stand beside it. */
export function SignedReport({
  report,
  advice = true,
  before,
}: {
  report: Report;
  advice?: boolean;
  /** the version that it corrects */
  before?: Report | undefined;
}) {
  const { t } = useTranslation(["desk", "life"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const { label } = useCatalogue();
  const { content, author } = report;
  const none = t("report.none");
  const words = useOpinionWords();
  const rows: [string, ReactNode][] = [
    [t("report.examined"), words.examination(content)],
    [t("report.assessment"), content.assessment],
    [
      t("report.diagnoses"),
      content.diagnoses?.length ? (
        <ol key="diagnoses">
          {content.diagnoses.map((d) => (
            <li key={`${d.code ?? ""} ${d.text}`}>{words.diagnosis(d)}</li>
          ))}
        </ol>
      ) : undefined,
    ],
    [
      t("report.advice"),
      content.advice?.length ? (
        <ol key="advice">
          {content.advice.map((item) => (
            <li key={`${item.kind} ${words.said(item)}`}>
              <strong>{label("adviceKinds", item.kind)}</strong> {words.said(item)}
            </li>
          ))}
        </ol>
      ) : undefined,
    ],
    [t("report.outcome"), label("outcomes", content.outcome)],
    ...(content.referral
      ? [[t("report.referral"), words.referral(content)] satisfies [string, ReactNode]]
      : []),
    [t("report.followUp"), content.followUpOn && format.day(content.followUpOn, now)],
    [t("report.limits"), content.limits],
  ];
  return (
    <div className={styles.field}>
      <dl className={styles.facts}>
        {rows
          .filter(([name]) => advice || name !== t("report.advice"))
          .map(([name, value]) => [
            <dt key={`t${name}`}>{name}</dt>,
            <dd key={`d${name}`}>{value || <span className={styles.quiet}>{none}</span>}</dd>,
          ])}
      </dl>
      <div className={styles.row}>
        <Tone kind="primary">{t("report.version", { n: report.version })}</Tone>
        {report.late && <Tone kind="caution">{t("life:late.tag")}</Tone>}
        {report.factor && (
          <Tone kind="good" icon={<SafetyCertificateOutlined aria-hidden />}>
            {t("life:factor.used", { method: t(`life:factor.methods.${report.factor as "TOTP"}`) })}
          </Tone>
        )}
        <span>
          {t("report.signedBy", {
            name: [author.name, author.title, author.organisation].filter(Boolean).join(" "),
            time: format.moment(report.signedAt, now),
          })}
        </span>
      </div>
      {report.lateReason && <p>{t("life:late.shown", { reason: report.lateReason })}</p>}
      <VersionDifference before={before} after={report} />
      <p className={styles.quiet}>{report.sealNote}</p>
      <div className={styles.digestRow}>
        <span className={styles.digest}>
          {t("report.digest")} {report.digest}
        </span>
        <Button
          size="small"
          type="text"
          icon={<CopyOutlined aria-hidden />}
          aria-label={t("report.copyDigest")}
          onClick={() => void navigator.clipboard?.writeText(report.digest)}
        />
      </div>
    </div>
  );
}
