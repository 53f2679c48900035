import { DownloadOutlined } from "@ant-design/icons";
import { App, Button, Tabs, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { call, useErrorText } from "../api";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { AccessLog } from "./AccessLog";
import { PersonalData } from "./PersonalData";
import { Reviews } from "./Reviews";
import { saveAs } from "../app/saveAs";
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

function CheckpointButton() {
  const { t } = useTranslation("trust");
  const { api } = useServices();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [loading, setLoading] = useState(false);
  const download = () => {
    setLoading(true);
    void call(api, "get", "/api/v1/checkpoint", {})
      .then((made) =>
        saveAs(
          `checkpoint-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.json`,
          new Blob([JSON.stringify(made, null, 2), "\n"], { type: "application/json" }),
        ),
      )
      .catch((error: unknown) => message.error(errorText(error)))
      .finally(() => setLoading(false));
  };
  return (
    <Tooltip title={t("accesses.checkpointHint")}>
      <Button icon={<DownloadOutlined aria-hidden />} loading={loading} onClick={download}>
        {t("accesses.checkpoint")}
      </Button>
    </Tooltip>
  );
}
