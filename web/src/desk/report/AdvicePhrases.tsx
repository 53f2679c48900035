import { DownOutlined } from "@ant-design/icons";
import { Button, Dropdown, type MenuProps } from "antd";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue } from "../../api";

type AdviceInput = Schemas["AdviceInput"];

/** What is often advised, by its kind: one press adds it, and it can be changed as any other item. */
export function AdvicePhrases({
  kinds,
  have,
  disabled,
  onAdd,
}: {
  kinds: readonly { value: string; label: string }[];
  have: readonly AdviceInput[];
  disabled: boolean;
  onAdd: (item: AdviceInput) => void;
}) {
  const { t } = useTranslation("desk");
  const { catalogue, choices } = useCatalogue();
  // The record is Chinese in either language of the page.
  const text = (code: string) => catalogue?.lists.advice_phrase?.find((term) => term.code === code)?.zh ?? "";
  const items: MenuProps["items"] = kinds.map((kind) => ({
    key: kind.value,
    label: kind.label,
    type: "group",
    children: choices("advice_phrase")
      .filter(({ value }) => value.startsWith(`${kind.value}.`))
      .map(({ value, label }) => ({
        key: value,
        label,
        disabled: have.some((item) => item.text === text(value)),
      })),
  }));
  return (
    <Dropdown
      trigger={["click"]}
      disabled={disabled}
      menu={{
        items,
        style: { maxHeight: "60vh", overflowY: "auto" },
        onClick: ({ key }) =>
          onAdd({ kind: key.slice(0, key.indexOf(".")) as AdviceInput["kind"], text: text(key) }),
      }}
    >
      <Button aria-haspopup="menu" icon={<DownOutlined aria-hidden />} iconPlacement="end">
        {t("report.phrases")}
      </Button>
    </Dropdown>
  );
}
