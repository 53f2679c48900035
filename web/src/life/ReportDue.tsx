import { ClockCircleOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";

/** By when the report is to be signed, and how long that is. */
export function ReportDue({ at }: { at: string }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(10_000);
  const left = (Date.parse(at) - now.getTime()) / 1000;
  return (
    <Tone
      kind={left < 0 ? "danger" : left < 3600 ? "caution" : "primary"}
      icon={<ClockCircleOutlined aria-hidden />}
    >
      {t("due.by", { time: format.moment(at, now) })} ·{" "}
      {left < 0 ? t("due.over", { span: format.span(-left) }) : t("due.left", { span: format.span(left) })}
    </Tone>
  );
}
