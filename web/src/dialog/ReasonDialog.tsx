import { Input, Radio } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog, type DialogProps } from "./Dialog";

interface ReasonDialogProps extends Omit<DialogProps, "onAct" | "formId" | "footer" | "ready" | "children"> {
  body?: ReactNode;
  /** Reasons to choose one of; absent: words alone. */
  reasons?: { value: string; label: string }[];
  /** The reason that is chosen already. */
  preset?: string | undefined;
  /** Above the reasons, read aloud. */
  reasonsLabel?: string;
  /** Above the words. */
  label?: string;
  /** How many letters the words have at the least; 0: they may be left out. */
  least?: number;
  /** At the most. */
  most?: number;
  onSend: (said: { reason: string; words: string | undefined }) => void;
}

/** Why something is done, before it is done: a reason from a list, words, or both. */
export function ReasonDialog({
  body,
  reasons,
  preset,
  reasonsLabel,
  label,
  least = 0,
  most = 500,
  onSend,
  ...dialog
}: ReasonDialogProps) {
  const { t } = useTranslation("common");
  const id = useId();
  const [chosen, setChosen] = useState<string>();
  const [text, setText] = useState("");
  const reason = chosen ?? preset;
  const words = text.trim();
  return (
    <Dialog
      {...dialog}
      ready={(reasons === undefined || reason !== undefined) && words.length >= least}
      onAct={() => onSend({ reason: reason ?? "", words: words || undefined })}
    >
      {body !== undefined && <p>{body}</p>}
      {reasons && (
        <Radio.Group
          vertical
          aria-label={reasonsLabel ?? t("dialog.reason")}
          options={reasons}
          value={reason ?? null}
          onChange={(event) => setChosen(String(event.target.value))}
        />
      )}
      <label htmlFor={id}>{label ?? t(least > 0 ? "dialog.why" : "dialog.note")}</label>
      <Input.TextArea
        id={id}
        value={text}
        maxLength={most}
        autoSize={{ minRows: 2, maxRows: 6 }}
        onChange={(event) => setText(event.target.value)}
      />
    </Dialog>
  );
}
