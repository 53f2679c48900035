import { useTranslation } from "react-i18next";
import type { DeviceFailure } from "./media/LocalMedia";

/** What to do about a device that does not open, for this kind of browser. */
export function DeviceHelp({ failure }: { failure: DeviceFailure }) {
  const { t } = useTranslation("call");
  return <span>{t(`failure.help.${helpKey(failure, navigator.userAgent, navigator.maxTouchPoints)}`)}</span>;
}

type HelpKey = DeviceFailure | "deniedIos" | "deniedAndroid";

/** The browsers differ in where a refusal is taken back. An iPad calls itself a Macintosh, but has touch points. */
export function helpKey(failure: DeviceFailure, agent: string, touchPoints: number): HelpKey {
  if (failure !== "denied") return failure;
  if (/iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1)) return "deniedIos";
  return /Android/.test(agent) ? "deniedAndroid" : "denied";
}
