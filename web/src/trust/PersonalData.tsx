import { DownloadOutlined, EyeOutlined } from "@ant-design/icons";
import { App, Button, Input, Radio, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import { toError } from "../api/transport";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServices } from "../app/services";
import { saveAs } from "../app/saveAs";
import styles from "./Trust.module.css";
import { Dialog } from "../dialog";
import { Notice } from "../theme";

type Card = Schemas["ResidentCard"];

/** Residents with what may be asked about their data: one masked value, or a copy of everything. */
export function PersonalData() {
  const { t } = useTranslation("trust");
  const residents = useRead("/api/v1/residents");
  const [unmasking, setUnmasking] = useState<Card>();
  const [exporting, setExporting] = useState<Card>();
  return (
    <>
      <p className={styles.quiet}>{t("residents.note")}</p>
      <Loaded query={residents}>
        {(rows) => (
          <Table<Card>
            rowKey="id"
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("residents.empty") }}
            columns={[
              {
                title: t("residents.columns.bed"),
                render: (_, r) => [r.ward, r.bed].filter(Boolean).join(" "),
              },
              { title: t("residents.columns.name"), dataIndex: "name" },
              {
                title: t("residents.columns.acts"),
                render: (_, r) => (
                  <span className={styles.line}>
                    <Button
                      size="small"
                      icon={<EyeOutlined aria-hidden />}
                      aria-description={`${r.name} ${r.bed}`}
                      onClick={() => setUnmasking(r)}
                    >
                      {t("residents.unmask")}
                    </Button>
                    <Button
                      size="small"
                      icon={<DownloadOutlined aria-hidden />}
                      aria-description={`${r.name} ${r.bed}`}
                      onClick={() => setExporting(r)}
                    >
                      {t("residents.export")}
                    </Button>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {unmasking && (
        <UnmaskDialog key={unmasking.id} of={unmasking} onClose={() => setUnmasking(undefined)} />
      )}
      {exporting && (
        <ExportDialog key={exporting.id} of={exporting} onClose={() => setExporting(undefined)} />
      )}
    </>
  );
}

const fields = ["NAME", "IDENTITY_NUMBER", "PHONE"] as const;

function UnmaskDialog({ of, onClose }: { of: Card; onClose: () => void }) {
  const { t } = useTranslation(["trust", "common"]);
  const [field, setField] = useState<(typeof fields)[number]>("NAME");
  const [reason, setReason] = useState("");
  const unmask = useCommand("post", "/api/v1/residents/{id}/unmask");
  const shown = unmask.data;
  return (
    <Dialog
      title={t("residents.unmask")}
      onClose={onClose}
      {...(shown ? {} : { act: t("residents.show") })}
      busy={unmask.isPending}
      ready={reason.trim().length >= 4}
      error={unmask.error}
      onAct={() => unmask.mutate({ path: { id: of.id }, body: { field, reason: reason.trim() } })}
    >
      {shown ? (
        <div className={styles.stack} role="status">
          <span className={styles.quiet}>{t(`residents.fields.${shown.field}`)}</span>
          <strong className={styles.value}>{shown.value || t("residents.none")}</strong>
          <Notice kind="caution">{t("residents.shown")}</Notice>
        </div>
      ) : (
        <>
          <Radio.Group
            aria-label={t("residents.field")}
            value={field}
            onChange={(event) => setField(event.target.value as (typeof fields)[number])}
            options={fields.map((value) => ({ value, label: t(`residents.fields.${value}`) }))}
          />
          <Reason value={reason} onChange={setReason} hint={t("residents.reasonHint")} />
        </>
      )}
    </Dialog>
  );
}

function ExportDialog({ of, onClose }: { of: Card; onClose: () => void }) {
  const { t } = useTranslation(["trust", "common"]);
  const { api } = useServices();
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const answer = await api.POST("/api/v1/residents/{id}/export", {
        params: { path: { id: of.id } },
        body: { reason: reason.trim() },
        headers: { Accept: "application/zip" },
        parseAs: "blob",
      });
      if (!answer.data) throw toError(answer.response.status, answer.error);
      saveAs(`resident-${of.id}.zip`, answer.data);
      void message.success(t("residents.done"));
      onClose();
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("residents.export")}
      onClose={onClose}
      act={t("residents.download")}
      busy={busy}
      ready={reason.trim().length >= 4}
      error={error}
      onAct={() => void run()}
    >
      <p>{t("residents.exportBody")}</p>
      <Reason value={reason} onChange={setReason} hint={t("residents.exportReasonHint")} />
    </Dialog>
  );
}

function Reason({
  value,
  onChange,
  hint,
}: {
  value: string;
  onChange: (text: string) => void;
  hint: string;
}) {
  const { t } = useTranslation("trust");
  return (
    <div className={styles.field}>
      <label htmlFor="data-reason">{t("residents.reason")}</label>
      <Input
        id="data-reason"
        value={value}
        maxLength={300}
        placeholder={hint}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
