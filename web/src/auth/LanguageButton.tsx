import { GlobalOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useLanguage } from "../i18n/useLanguage";
import { useSetLanguage } from "./useSetLanguage";

/** Switches to the other language, named in that language. */
export function LanguageButton({ onChoose }: { onChoose?: () => void }) {
  const language = useLanguage();
  const setLanguage = useSetLanguage();
  const other = language === "en" ? "zh-CN" : "en";
  return (
    <Button
      type="text"
      icon={<GlobalOutlined aria-hidden />}
      lang={other}
      onClick={() => {
        onChoose?.();
        setLanguage(other);
      }}
    >
      {other === "en" ? "English" : "中文"}
    </Button>
  );
}
