import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue } from "../../api";
import { AdviceHow } from "./AdviceHow";
import { AdvicePhrases } from "./AdvicePhrases";
import { fieldId } from "./fields";
import styles from "./Report.module.css";
import type { Draft } from "./useDraft";

type AdviceInput = Schemas["AdviceInput"];
type Kind = AdviceInput["kind"];

/** How many items a report may have (contract). */
const most = 20;

/** The items of advice: kind, text and how it is carried out, in the order in which the nurse will see them. */
export function AdviceEditor({ draft, guidance }: { draft: Draft; guidance: boolean }) {
  const { t } = useTranslation("desk");
  const { options } = useCatalogue();
  const items = draft.content.advice ?? [];
  const focusNext = useRef<number>(undefined);
  const kinds = options("adviceKinds").filter((o) => !guidance || o.value !== "DRUG");
  const set = (next: AdviceInput[], typed = false) => draft.change({ advice: next }, typed);
  const put = (i: number, patch: Partial<AdviceInput>, typed: boolean) =>
    set(
      items.map((item, at) => (at === i ? { ...item, ...patch } : item)),
      typed,
    );
  const move = (i: number, by: 1 | -1) => {
    const next = [...items];
    const [item] = next.splice(i, 1);
    if (item) next.splice(i + by, 0, item);
    set(next);
  };
  const add = () => {
    focusNext.current = items.length;
    set([...items, { kind: items.at(-1)?.kind ?? (guidance ? "NURSING" : "NON_DRUG"), text: "" }]);
  };

  return (
    <div className={styles.field} role="group" aria-label={t("report.advice")}>
      {items.length === 0 && <p className={styles.quiet}>{t("report.adviceEmpty")}</p>}
      <ol className={styles.advice}>
        {items.map((item, i) => (
          // The place is the identity: items have none of their own before they are signed.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={i} className={styles.item}>
            <Select<Kind>
              id={fieldId(`advice/${i}/kind`)}
              aria-label={t("report.adviceKind", { n: i + 1 })}
              className={styles.kind}
              value={item.kind}
              options={kinds as { value: Kind; label: string }[]}
              onChange={(kind) => put(i, { kind }, false)}
            />
            <Input.TextArea
              id={fieldId(`advice/${i}/text`)}
              aria-label={t("report.adviceText", { n: i + 1 })}
              placeholder={item.kind === "DRUG" ? t("report.drugHint") : undefined}
              value={item.text}
              maxLength={500}
              autoSize={{ minRows: 1, maxRows: 5 }}
              onChange={(event) => put(i, { text: event.target.value }, true)}
              ref={(element) => {
                if (element && focusNext.current === i) {
                  focusNext.current = undefined;
                  element.focus();
                }
              }}
            />
            <span className={styles.tools}>
              <Button
                type="text"
                icon={<ArrowUpOutlined aria-hidden />}
                aria-label={t("report.adviceUp", { n: i + 1 })}
                disabled={i === 0}
                onClick={() => move(i, -1)}
              />
              <Button
                type="text"
                icon={<ArrowDownOutlined aria-hidden />}
                aria-label={t("report.adviceDown", { n: i + 1 })}
                disabled={i === items.length - 1}
                onClick={() => move(i, 1)}
              />
              <Button
                type="text"
                icon={<DeleteOutlined aria-hidden />}
                aria-label={t("report.adviceDelete", { n: i + 1 })}
                onClick={() => set(items.filter((_, at) => at !== i))}
              />
            </span>
            <AdviceHow item={item} i={i} onChange={(patch, typed) => put(i, patch, typed)} />
          </li>
        ))}
      </ol>
      <div className={styles.row}>
        <Button
          id={fieldId("advice")}
          icon={<PlusOutlined aria-hidden />}
          onClick={add}
          disabled={items.length >= most}
        >
          {t("report.adviceAdd")}
        </Button>
        <AdvicePhrases
          kinds={kinds}
          have={items}
          disabled={items.length >= most}
          onAdd={(item) => set([...items, item])}
        />
      </div>
    </div>
  );
}
