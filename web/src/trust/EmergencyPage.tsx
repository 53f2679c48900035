import { WarningOutlined } from "@ant-design/icons";
import { Button, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { hasCode, useCommand } from "../api";
import type { Schemas } from "../api/types";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { EmergencyRecord } from "./EmergencyRecord";
import styles from "./Trust.module.css";
import { Refused } from "../dialog";
import { Notice } from "../theme";

type Record = Schemas["BreakGlassRecord"];

/** The way into a record in an emergency, for people who have no relationship to the resident. */
function EmergencyPage() {
  const { t } = useTranslation("trust");
  const now = useServerNow(1000);
  const [record, setRecord] = useState<Record>();
  const over = record !== undefined && Date.parse(record.expiresAt) <= now.getTime();
  return (
    <Page title={t("emergency.title")}>
      {record && !over ? (
        <EmergencyRecord record={record} />
      ) : (
        <>
          {over && <Notice kind="paused">{t("emergency.over")}</Notice>}
          <Search onOpened={setRecord} />
        </>
      )}
    </Page>
  );
}
export { EmergencyPage as Component };

function Search({ onOpened }: { onOpened: (record: Record) => void }) {
  const { t } = useTranslation("trust");
  const [by, setBy] = useState<"identityNumber" | "serial">("identityNumber");
  const [value, setValue] = useState("");
  const [reason, setReason] = useState("");
  const open = useCommand("post", "/api/v1/break-glass", { onSuccess: onOpened });
  const missing = hasCode(open.error, "not_found");
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        open.mutate({ body: { [by]: value.trim(), reason: reason.trim() } });
      }}
    >
      <Notice kind="caution">{t("emergency.note")}</Notice>
      <Radio.Group
        aria-label={t("emergency.by")}
        value={by}
        onChange={(event) => setBy(event.target.value as typeof by)}
        options={[
          { value: "identityNumber", label: t("emergency.byNumber") },
          { value: "serial", label: t("emergency.bySerial") },
        ]}
      />
      <div className={styles.field}>
        <label htmlFor="emergency-who">
          {by === "serial" ? t("emergency.bySerial") : t("emergency.byNumber")}
        </label>
        <Input
          id="emergency-who"
          value={value}
          maxLength={40}
          autoComplete="off"
          onChange={(event) => setValue(event.target.value)}
        />
      </div>
      <div className={styles.field}>
        <label htmlFor="emergency-why">{t("emergency.reason")}</label>
        <Input.TextArea
          id="emergency-why"
          value={reason}
          rows={3}
          maxLength={300}
          placeholder={t("emergency.reasonHint")}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
      <div role="alert">{missing && <Notice kind="danger">{t("emergency.notFound")}</Notice>}</div>
      {!missing && <Refused error={open.error} />}
      <div>
        <Button
          type="primary"
          danger
          htmlType="submit"
          icon={<WarningOutlined aria-hidden />}
          loading={open.isPending}
          disabled={value.trim() === "" || [...reason.trim()].length < 8}
        >
          {t("emergency.open")}
        </Button>
      </div>
    </form>
  );
}
