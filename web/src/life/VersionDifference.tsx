import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { difference, listDifference, type Stretch } from "./difference";
import styles from "./Life.module.css";
import { useOpinionWords } from "./opinion";

type Report = Schemas["Report"];

/** What a correction changed, field by field: what was added is underlined, what was taken out struck through. */
export function VersionDifference({ before, after }: { before: Report | undefined; after: Report }) {
  return before && <Difference before={before} after={after} />;
}

function Difference({ before, after }: { before: Report; after: Report }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { label } = useCatalogue();
  const a = before.content;
  const b = after.content;
  const words = useOpinionWords();
  const diagnoses = (of: Report["content"]) => (of.diagnoses ?? []).map(words.diagnosis);
  const advice = (of: Report["content"]) =>
    (of.advice ?? []).map((item) => `${label("adviceKinds", item.kind)} ${words.said(item)}`);
  const day = (of: string | undefined) => (of ? format.day(of, now) : "");
  const rows: [string, Stretch[], "list" | "text"][] = [
    [t("fields.examination"), difference(words.examination(a), words.examination(b)), "text"],
    [t("fields.assessment"), difference(a.assessment ?? "", b.assessment ?? ""), "text"],
    [t("fields.diagnoses"), listDifference(diagnoses(a), diagnoses(b)), "list"],
    [t("fields.advice"), listDifference(advice(a), advice(b)), "list"],
    [t("fields.outcome"), difference(label("outcomes", a.outcome), label("outcomes", b.outcome)), "text"],
    [t("fields.referral"), difference(words.referral(a), words.referral(b)), "text"],
    [t("fields.followUp"), difference(day(a.followUpOn), day(b.followUpOn)), "text"],
    [t("fields.limits"), difference(a.limits ?? "", b.limits ?? ""), "text"],
  ];
  const changed = rows.filter(([, stretches]) => stretches.some((s) => s.kind !== "same"));
  return (
    <section className={styles.difference} aria-label={t("versions.difference", { n: before.version })}>
      <h3>{t("versions.difference", { n: before.version })}</h3>
      {after.correctionReason && <p>{t("versions.why", { reason: after.correctionReason })}</p>}
      <dl>
        {changed.map(([name, stretches, kind]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {kind === "list" ? (
                <ul>
                  {stretches.map((s) => (
                    <li key={`${s.kind} ${s.text}`}>
                      <Marked of={s} />
                    </li>
                  ))}
                </ul>
              ) : (
                // The place is the identity: the same words may be there twice.
                // oxlint-disable-next-line react/no-array-index-key
                stretches.map((s, i) => <Marked key={i} of={s} />)
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Marked({ of }: { of: Stretch }): ReactNode {
  if (of.kind === "added") return <ins>{of.text}</ins>;
  if (of.kind === "removed") return <del>{of.text}</del>;
  return <span>{of.text}</span>;
}
