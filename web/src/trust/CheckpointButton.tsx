import { DownloadOutlined } from "@ant-design/icons";
import { App, Button, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, useErrorText } from "../api";
import { saveAs } from "../app/saveAs";
import { useServices } from "../app/services";

/** A signed checkpoint of the hash chains, to be kept outside of the system. */
export function CheckpointButton() {
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
