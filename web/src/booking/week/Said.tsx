import { Button } from "antd";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "../../theme";

/** How long something can be undone, s. */
export const undoFor = 10;

/** What was just done, with the way back while it lasts. */
export function Done({ text, onUndo, onOver }: { text: string; onUndo: () => void; onOver: () => void }) {
  const { t } = useTranslation("booking");
  const [left, setLeft] = useState(undoFor);
  const over = useEffectEvent(onOver);
  useEffect(() => {
    const timer = setInterval(() => setLeft((n) => n - 1), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left <= 0) over();
  }, [left]);
  return (
    <Notice kind="good" action={<Button onClick={onUndo}>{t("undo.act", { n: Math.max(left, 0) })}</Button>}>
      {text}
    </Notice>
  );
}
