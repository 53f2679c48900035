import { SoundOutlined, TranslationOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../../api";
import { Tone } from "../../theme";

/** What must be known before speaking: hearing, and another language than Chinese. */
export function PersonFlags({
  hearingImpaired,
  language,
}: {
  hearingImpaired?: boolean | undefined;
  language?: string | undefined;
}) {
  const { t } = useTranslation("desk");
  const { label } = useCatalogue();
  return (
    <>
      {hearingImpaired && (
        <Tone kind="claimed" icon={<SoundOutlined aria-hidden />}>
          {t("queue.hearing")}
        </Tone>
      )}
      {language && language !== "zh-CN" && (
        <Tone kind="claimed" icon={<TranslationOutlined aria-hidden />}>
          {label("languages", language)}
        </Tone>
      )}
    </>
  );
}
