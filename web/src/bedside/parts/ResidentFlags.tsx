import { EyeInvisibleOutlined, SoundOutlined, TranslationOutlined, WarningOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../../api";
import { Tone } from "../../theme";
import styles from "./Resident.module.css";

interface Flagged {
  hearingImpaired: boolean;
  sightImpaired: boolean;
  preferredLanguage: string;
  risks: string[];
}

/** What everybody at the bedside must know at a glance: hearing, sight, language, risks. `most` risks, then a number. */
export function ResidentFlags({ of, most }: { of: Flagged; most?: number }) {
  const { t } = useTranslation("bedside");
  const { label, labels } = useCatalogue();
  const shown = of.risks.slice(0, most ?? of.risks.length);
  const more = of.risks.length - shown.length;
  if (!of.hearingImpaired && !of.sightImpaired && !ownLanguage(of) && of.risks.length === 0) return null;
  return (
    <span className={styles.flags}>
      {of.hearingImpaired && (
        <Tone kind="claimed" icon={<SoundOutlined aria-hidden />}>
          {t("resident.hearing")}
        </Tone>
      )}
      {of.sightImpaired && (
        <Tone kind="claimed" icon={<EyeInvisibleOutlined aria-hidden />}>
          {t("resident.sight")}
        </Tone>
      )}
      {ownLanguage(of) && (
        <Tone kind="claimed" icon={<TranslationOutlined aria-hidden />}>
          {label("languages", of.preferredLanguage)}
        </Tone>
      )}
      {labels("risks", shown).map((risk) => (
        <Tone key={risk} kind="caution" icon={<WarningOutlined aria-hidden />}>
          {risk}
        </Tone>
      ))}
      {more > 0 && <Tone kind="muted">{t("ward.moreRisks", { n: more })}</Tone>}
    </span>
  );
}

function ownLanguage(of: Flagged): boolean {
  return of.preferredLanguage !== "" && of.preferredLanguage !== "zh-CN";
}
