import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import type { Act } from "./acts";
import type { Part } from "./merge";

/** Words for acts and for parts of a record. */
export function useWords() {
  const { t } = useTranslation(["offline", "visits"]);
  const { chosen, label, vital } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);

  const reading = (of: unknown): string => {
    const { code, value, qualifier } = of as { code: string; value?: number; qualifier?: string };
    return [value ?? qualifier ?? "", vital(code)?.unitLabel ?? ""].join(" ");
  };
  const value = (key: string, of: unknown): string => {
    if (of === undefined || of === null || of === "") return t("offline:merge.empty");
    if (key.startsWith("vitals/")) return reading(of);
    if (key.startsWith("answers/")) return t(`visits:quick.${of as string}` as never) as string;
    if (key === "outcome") return label("outcomes", String(of));
    if (key === "template") return t(`visits:questions.${of as string}.title` as never) as string;
    if (key === "diagnoses") return (of as { text: string }[]).map((d) => d.text).join("、");
    if (key === "advice")
      return (of as { kind: string; text: string }[])
        .map((a) => `${label("adviceKinds", a.kind)}：${a.text}`)
        .join("；");
    return String(of);
  };
  const part = (key: string, template?: string): string => {
    const [list, name = ""] = key.split("/");
    if (list === "vitals") return label("vitals" as never, name) || name;
    if (list === "answers") return t(`visits:questions.${template ?? ""}.${name}` as never) as string;
    return t(`visits:record.${key}` as never) as string;
  };
  return {
    what(act: Act): string {
      switch (act.kind) {
        case "STEP":
          return chosen("visit_event", act.body.action);
        case "BOOKING":
          return t("offline:what.BOOKING", {
            kind: act.kindName,
            at: format.moment(act.body.startsAt, now),
          });
        default:
          return t(`offline:what.${act.kind}`);
      }
    },
    value,
    part: (of: Part, template?: string) => part(of.key, template),
  };
}
