import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { Page } from "../app/Page";
import { AccessLog } from "./AccessLog";
import { CheckpointButton } from "./CheckpointButton";
import { PersonalData } from "./PersonalData";
import { Reviews } from "./Reviews";
import styles from "./Trust.module.css";

const tabs = ["log", "emergency", "residents"] as const;

/** Who opened whose record; emergency accesses to review; unmasking and exporting; the checkpoint of the evidence. */
function AccessesPage() {
  const { t } = useTranslation("trust");
  const [search, setSearch] = useSearchParams();
  const tab = tabs.find((name) => name === search.get("tab")) ?? "log";
  const bodies = { log: <AccessLog />, emergency: <Reviews />, residents: <PersonalData /> };
  return (
    <Page title={t("accesses.title")} actions={<CheckpointButton />}>
      <Tabs
        destroyOnHidden
        activeKey={tab}
        onChange={(key) => setSearch(key === "log" ? {} : { tab: key })}
        items={tabs.map((key) => ({
          key,
          label: t(`accesses.tabs.${key}`),
          children: <div className={styles.stack}>{bodies[key]}</div>,
        }))}
      />
    </Page>
  );
}
export { AccessesPage as Component };
