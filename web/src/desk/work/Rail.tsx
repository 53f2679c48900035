import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import type { ApiError, Consultation } from "../../api";
import { ChatPanel } from "../../call/ChatPanel";
import { AdviceEditor } from "../report/AdviceEditor";
import { NoteEditor } from "../report/NoteEditor";
import { ReadBackPanel } from "../report/ReadBackPanel";
import type { Draft } from "../report/useDraft";
import { isGuidance, WrapUp } from "../report/WrapUp";
import { CaseCard } from "./CaseCard";
import styles from "./Work.module.css";

export type RailTab = "case" | "note" | "advice" | "report" | "chat";

interface RailProps {
  c: Consultation;
  draft: Draft;
  tab: RailTab;
  onTab: (tab: RailTab) => void;
  /** the report fills the main part, so that the rail has neither it nor the advice */
  writing: boolean;
  unread: number;
  onLost: (error: ApiError) => void;
}

/** What stands beside the picture. Only the open tab is drawn, since two of them hold the same fields. */
export function Rail(props: RailProps) {
  const { tab, onTab, writing, unread } = props;
  const { t } = useTranslation("desk");
  const tabs: RailTab[] = writing ? ["case", "note", "chat"] : ["case", "note", "advice", "report", "chat"];
  const shown = tabs.includes(tab) ? tab : "case";
  return (
    <aside className={styles.rail} aria-label={t("work.rail")}>
      <Tabs
        className={styles.tabs}
        activeKey={shown}
        onChange={(key) => onTab(key as RailTab)}
        destroyOnHidden
        items={tabs.map((key) => ({
          key,
          label:
            key === "chat" && unread > 0 ? t("work.tabs.chatUnread", { n: unread }) : t(`work.tabs.${key}`),
          children: key === shown ? <Content {...props} tab={key} /> : null,
        }))}
      />
    </aside>
  );
}

function Content({ c, draft, tab, onLost }: Pick<RailProps, "c" | "draft" | "tab" | "onLost">) {
  const { t } = useTranslation("desk");
  switch (tab) {
    case "case":
      return <CaseCard c={c} />;
    case "note":
      return <NoteEditor draft={draft} />;
    case "advice":
      return (
        <>
          <p className={styles.quiet}>{t("work.adviceHint")}</p>
          <AdviceEditor draft={draft} guidance={isGuidance(c.serviceType)} />
          <ReadBackPanel c={c} draft={draft} />
        </>
      );
    case "report":
      return <WrapUp c={c} draft={draft} onLost={onLost} />;
    default:
      return <ChatPanel consultationId={c.id} readOnly={!c.actions.includes("sendMessage")} />;
  }
}
