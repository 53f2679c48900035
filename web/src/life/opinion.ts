import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue } from "../api";

type Advice = Pick<Schemas["AdviceItem"], "kind" | "text" | "dose" | "route" | "frequency" | "days">;
type Content = Schemas["ReportContent"];

export interface OpinionWords {
  /** How an item is carried out: "20 mg，口服，每日一次，3 天"; empty when nothing is said of it. */
  how: (of: Advice) => string;
  /** The item as it is read aloud: "呋塞米 20 mg，口服，每日一次，3 天". */
  said: (of: Advice) => string;
  diagnosis: (of: Schemas["Diagnosis"]) => string;
  /** What was examined, and what was found. */
  examination: (of: Content) => string;
  /** Where to go, and by when. */
  referral: (of: Content) => string;
}

/** An opinion in words, the same wherever it is shown. */
export function useOpinionWords(): OpinionWords {
  const { t } = useTranslation("life");
  const { label, chosen } = useCatalogue();
  const joined = (parts: (string | undefined)[]) => parts.filter(Boolean).join(t("opinion.comma"));
  const how = (of: Advice) =>
    joined([
      of.dose,
      of.route && label("medRoutes", of.route),
      of.frequency && label("medFrequencies", of.frequency),
      of.days ? t("opinion.days", { n: of.days }) : undefined,
    ]);
  return {
    how,
    said: (of) => [of.text, how(of)].filter(Boolean).join(of.dose ? " " : t("opinion.comma")),
    diagnosis: (d) =>
      [d.code, d.text, d.certainty && `(${t(`certainty.${d.certainty}`)})`].filter(Boolean).join(" "),
    examination: ({ examined = [], examination }) =>
      [examined.map((code) => chosen("remote_exam", code)).join(t("opinion.listComma")), examination]
        .filter(Boolean)
        .join(t("opinion.colon")),
    referral: ({ referral }) =>
      referral
        ? joined([
            chosen("destination", referral.destination),
            chosen("go_within", referral.within),
            referral.note,
          ])
        : "",
  };
}
