import { BellOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useServerNow } from "../../clock/useServerNow";
import { Tone } from "../../theme";
import { ringLeft } from "./pace";

/** 正在呼叫您 · 14 秒: how long it still rings here before it rings the next. */
export function RingTime({ until }: { until: string | undefined }) {
  const { t } = useTranslation("desk");
  const left = ringLeft(until, useServerNow(500));
  return (
    <Tone kind="claimed" icon={<BellOutlined aria-hidden />}>
      {t("queue.ringingYou")}
      {left !== undefined && <span aria-hidden>{t("queue.ringLeft", { n: left })}</span>}
    </Tone>
  );
}
