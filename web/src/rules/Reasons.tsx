import { InfoCircleOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api";
import type { Schemas } from "../api/types";
import { Tone } from "../theme";
import styles from "./Rules.module.css";

/** What mends a reason here: the act behind the button, undefined where somebody else has to do it. */
export type Mends = Partial<Record<string, () => void>>;

/** Reasons as sentences, each with the button that mends it, or in words who does. `sources`: also which rule has to be confirmed,
 * for administrators; who cares for somebody has the sentence alone. */
export function Reasons({
  reasons,
  mends,
  sources = false,
}: {
  reasons: readonly Schemas["GateReason"][];
  mends: Mends;
  sources?: boolean;
}) {
  return (
    <ul className={styles.list}>
      {reasons.map((r) => (
        <li key={`${r.rule} ${r.code}`}>
          <span className={styles.grow}>
            {r.message} {sources && r.unconfirmed && <Unconfirmed rule={r.rule} />}
          </span>
          {r.mend && <Mend code={r.mend} label={r.mendLabel ?? r.mend} act={mends[r.mend]} />}
        </li>
      ))}
    </ul>
  );
}

/** The button that mends, or where this person cannot, who can and where. */
export function Mend({ code, label, act }: { code: string; label: string; act: (() => void) | undefined }) {
  const { chosen } = useCatalogue();
  return act ? (
    <Button onClick={act}>{label}</Button>
  ) : (
    <span className={styles.quiet}>{chosen("mend_by", code)}</span>
  );
}

/** The mark of a rule that has to be confirmed by the hospital and the authority. */
export function Unconfirmed({ rule }: { rule: string }) {
  const { t } = useTranslation("rules");
  return (
    <Tooltip title={`${rule} ${t("service.unconfirmedHelp")}`} trigger={["hover", "focus", "click"]}>
      <button type="button" className={styles.note}>
        <Tone kind="muted" icon={<InfoCircleOutlined />}>
          {t("service.unconfirmed")}
        </Tone>
      </button>
    </Tooltip>
  );
}
