import { CheckOutlined, ClockCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { Loaded } from "../app/Loaded";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Around.module.css";
import { ResidentField } from "./ResidentField";
import { FormDialog } from "../dialog";

type Suspicion = Schemas["Suspicion"];

/** Suspected notifiable diseases with their clocks. */
export function Suspicions() {
  const { t } = useTranslation("around");
  const bedside = hasRole(useMe(), "NURSE", "ATTENDING");
  const [adding, setAdding] = useState(false);
  const list = useRead("/api/v1/suspicions", {}, { refetchInterval: 60_000 });
  return (
    <div className={styles.form}>
      {bedside && (
        <span className={styles.acts}>
          <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
            {t("suspicion.add")}
          </Button>
        </span>
      )}
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("suspicion.none")}</p>
          ) : (
            <ul className={`${styles.list} ${styles.cards}`}>
              {rows.map((s) => (
                <Row key={s.id} of={s} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {adding && <SuspicionForm onClose={() => setAdding(false)} />}
    </div>
  );
}

function Row({ of }: { of: Suspicion }) {
  const { t } = useTranslation("around");
  const { labels } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(30_000);
  const [resolving, setResolving] = useState(false);
  const open = of.state === "OPEN";
  return (
    <li>
      <span className={styles.line}>
        <Tone
          kind={open ? (of.late ? "danger" : "caution") : of.late ? "caution" : "good"}
          icon={open ? <ClockCircleOutlined aria-hidden /> : <CheckOutlined aria-hidden />}
        >
          {open
            ? t(of.late ? "suspicion.late" : "suspicion.due", { time: format.moment(of.dueAt, now) })
            : t(`suspicion.state.${of.state}`)}
        </Tone>
        <strong>{[of.bed, of.residentName].join(" ")}</strong>
        <Tone kind={of.within === "WITHIN_2H" ? "danger" : "muted"}>
          {t(`suspicion.within.${of.within}`)}
        </Tone>
        {of.disease && <span>{of.disease}</span>}
        {of.receipt && <span>{t("suspicion.receiptIs", { n: of.receipt })}</span>}
      </span>
      <span>{labels("infectionSigns", of.signs).join(t("listSeparator"))}</span>
      {of.resolution && <span>{of.resolution}</span>}
      <span className={styles.quiet}>
        {t("suspicion.noted", { time: format.moment(of.suspectedAt, now), name: of.notedBy })}
      </span>
      {open && (
        <span className={styles.acts}>
          <Button onClick={() => setResolving(true)}>{t("suspicion.resolve")}</Button>
        </span>
      )}
      {resolving && <Resolution of={of} onClose={() => setResolving(false)} />}
    </li>
  );
}

function Resolution({ of, onClose }: { of: Suspicion; onClose: () => void }) {
  const { t } = useTranslation("around");
  const [form] = Form.useForm();
  const state = Form.useWatch("state", form) as string | undefined;
  const { query } = useServices();
  const resolve = useCommand("post", "/api/v1/suspicions/{id}/resolve", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/suspicions"] });
      onClose();
    },
  });
  return (
    <FormDialog<{ state: "REPORTED" | "EXCLUDED"; receipt?: string; words?: string }>
      title={t("suspicion.resolve")}
      act={t("form.save")}
      form={form}
      initial={{ state: "REPORTED" }}
      busy={resolve.isPending}
      error={resolve.error}
      onClose={onClose}
      onSend={({ state: to, receipt, words }) =>
        resolve.mutate({
          path: { id: of.id },
          body: {
            state: to,
            ...(receipt?.trim() ? { receipt: receipt.trim() } : {}),
            ...(words?.trim() ? { words: words.trim() } : {}),
          },
        })
      }
    >
      <Form.Item name="state" label={t("suspicion.result")}>
        <Select
          options={(["REPORTED", "EXCLUDED"] as const).map((value) => ({
            value,
            label: t(`suspicion.state.${value}`),
          }))}
        />
      </Form.Item>
      {state !== "EXCLUDED" && (
        <Form.Item name="receipt" label={t("suspicion.receipt")}>
          <Input maxLength={60} autoComplete="off" />
        </Form.Item>
      )}
      <Form.Item name="words" label={t("suspicion.words")} className={styles.wide ?? ""}>
        <Input.TextArea maxLength={500} autoSize={{ minRows: 2, maxRows: 6 }} />
      </Form.Item>
    </FormDialog>
  );
}

function SuspicionForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("around");
  const { options } = useCatalogue();
  const { query } = useServices();
  const [form] = Form.useForm();
  const add = useCommand("post", "/api/v1/suspicions", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/suspicions"] });
      onClose();
    },
  });
  return (
    <FormDialog<{ residentId: string; signs: string[]; disease?: string }>
      title={t("suspicion.add")}
      act={t("form.save")}
      form={form}
      busy={add.isPending}
      error={add.error}
      onClose={onClose}
      onSend={({ residentId, signs, disease }) =>
        add.mutate({
          body: { residentId, signs: signs ?? [], ...(disease?.trim() ? { disease: disease.trim() } : {}) },
        })
      }
    >
      <ResidentField required />
      <Form.Item name="disease" label={t("suspicion.disease")}>
        <Input maxLength={60} autoComplete="off" />
      </Form.Item>
      <Form.Item
        name="signs"
        label={t("suspicion.signs")}
        className={styles.wide ?? ""}
        rules={[{ required: true, message: t("form.needed") }]}
      >
        <Checkbox.Group className={styles.form ?? ""} options={options("infectionSigns")} />
      </Form.Item>
    </FormDialog>
  );
}
