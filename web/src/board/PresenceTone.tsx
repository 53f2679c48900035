import {
  CheckCircleFilled,
  ClockCircleOutlined,
  MinusCircleOutlined,
  PhoneOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/useFormat";
import { Tone, type ToneKind } from "../theme";
import type { BoardDoctor } from "./board";

const looks: Record<BoardDoctor["presence"], [ToneKind, ReactNode]> = {
  AVAILABLE: ["good", <CheckCircleFilled key="i" />],
  IN_CALL: ["claimed", <PhoneOutlined key="i" />],
  BACK_SOON: ["caution", <ClockCircleOutlined key="i" />],
  OFF: ["muted", <MinusCircleOutlined key="i" />],
};

/** Whether a doctor can answer now, in a word. */
export function PresenceTone({ of }: { of: BoardDoctor }) {
  const { t } = useTranslation("board");
  const format = useFormat();
  const held = of.busy && of.presence === "AVAILABLE";
  const [kind, icon] = looks[held ? "IN_CALL" : of.presence];
  return (
    <Tone kind={kind} icon={icon}>
      {held
        ? t("doctors.busy")
        : of.presence === "BACK_SOON" && of.backAt
          ? t("doctors.backAt", { time: format.clock(of.backAt) })
          : t(`doctors.${of.presence}`)}
    </Tone>
  );
}
