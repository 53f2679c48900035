import { UploadOutlined } from "@ant-design/icons";
import { Button, Form, Input, Radio, Select } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { SignaturePad } from "../call";
import { DayPicker, useToday } from "../dates";
import { FormDialog, Refused } from "../dialog";
import { Notice, Tone } from "../theme";
import { ContractSheet } from "./ContractSheet";
import styles from "./Panel.module.css";
import type { Contract } from "./parts";
import { usePanelRefresh } from "./usePanelRefresh";

type How = Schemas["FdContractSigning"]["how"];
interface Values {
  how: How;
  signerKind: Schemas["FdContractSigning"]["signerKind"];
  signerName?: string;
  relation?: string;
  reason?: string;
  systemNumber?: string;
  signedOn?: string;
}

/** Has a contract signed: drawn on this tablet, on paper, or in the contract system. */
export function SignDialog({ of, onClose }: { of: Contract; onClose: () => void }) {
  const { t } = useTranslation("panel");
  const { choices, options } = useCatalogue();
  const [form] = Form.useForm<Values>();
  const today = useToday();
  const refresh = usePanelRefresh();
  const [ink, setInk] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const text = useRead("/api/v1/fd-contracts/{id}/text", { path: { id: of.id } }).data;
  const sign = useCommand("post", "/api/v1/fd-contracts/{id}/sign", {
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  const capable = of.capacity === "FULL";
  const [guardian] = of.guardians?.filter((g) => g.isGuardian !== false) ?? [];
  const how = Form.useWatch("how", form) ?? "DRAWN";
  const kind = Form.useWatch("signerKind", form) ?? (capable ? "SELF" : "LEGAL_GUARDIAN");
  const needed = { required: true, message: t("needed") };
  return (
    <FormDialog<Values>
      title={t("sign.title")}
      act={t("sign.act")}
      width="wide"
      form={form}
      initial={{
        how: "DRAWN",
        signerKind: capable ? "SELF" : "LEGAL_GUARDIAN",
        signedOn: today,
        ...(guardian ? { signerName: guardian.name, relation: guardian.relation } : {}),
      }}
      ready={text !== undefined}
      busy={sign.isPending}
      error={sign.error}
      onClose={onClose}
      onSend={(v) => {
        if (!text) return;
        setMissing(v.how === "DRAWN" && !ink);
        if (v.how === "DRAWN" && !ink) return;
        sign.mutate({
          path: { id: of.id },
          body: {
            how: v.how,
            signerKind: v.signerKind,
            textVersion: text.version,
            textHash: text.hash,
            revision: of.revision,
            ...(v.signerKind === "LEGAL_GUARDIAN"
              ? {
                  ...(v.signerName?.trim() ? { signerName: v.signerName.trim() } : {}),
                  ...(v.relation ? { relation: v.relation } : {}),
                  ...(v.reason?.trim() ? { reason: v.reason.trim() } : {}),
                }
              : {}),
            ...(v.how === "DRAWN" ? { signaturePng: ink ?? "" } : { signedOn: v.signedOn ?? today }),
            ...(v.how === "ELECTRONIC" ? { systemNumber: v.systemNumber?.trim() ?? "" } : {}),
          },
        });
      }}
    >
      <div className={styles.wide}>
        <p>{t("sign.read")}</p>
        <div
          className={styles.text}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- scrolled by keyboard
          tabIndex={0}
          role="region"
          aria-label={t("contract.text")}
        >
          <ContractSheet of={of} bare />
        </div>
      </div>
      <Form.Item name="how" label={t("sign.how")} className={styles.wide ?? ""}>
        <Radio.Group optionType="button" options={choices("fd_signed_how")} />
      </Form.Item>
      <Form.Item name="signerKind" label={t("sign.who")} className={styles.wide ?? ""}>
        <Radio.Group
          options={[
            { value: "SELF", label: t("sign.selfOf", { name: of.residentName }), disabled: !capable },
            { value: "LEGAL_GUARDIAN", label: t("contract.guardian"), disabled: capable },
          ]}
        />
      </Form.Item>
      {!capable && (
        <div className={styles.wide}>
          <Notice kind="primary">{t("sign.guardianNeeded")}</Notice>
        </div>
      )}
      {kind === "LEGAL_GUARDIAN" && (
        <>
          <Form.Item name="signerName" label={t("sign.guardian")} rules={[needed]}>
            <Input maxLength={50} autoComplete="off" />
          </Form.Item>
          <Form.Item name="relation" label={t("sign.relation")} rules={[needed]}>
            <Select options={options("relations")} />
          </Form.Item>
          <Form.Item
            name="reason"
            label={t("sign.reason")}
            extra={t("sign.reasonHint")}
            className={styles.wide ?? ""}
          >
            <Input maxLength={300} />
          </Form.Item>
        </>
      )}
      {how === "DRAWN" ? (
        <div className={styles.wide}>
          <p>{t("sign.pad")}</p>
          <SignaturePad
            onChange={(png) => {
              setInk(png);
              setMissing(false);
            }}
          />
          {missing && <Notice kind="danger">{t("sign.signHere")}</Notice>}
        </div>
      ) : (
        <>
          <Form.Item name="signedOn" label={t("sign.on")} rules={[needed]}>
            <DayPicker max={today} className={styles.full} allowClear={false} />
          </Form.Item>
          {how === "ELECTRONIC" && (
            <Form.Item name="systemNumber" label={t("sign.number")} rules={[needed]}>
              <Input maxLength={60} autoComplete="off" />
            </Form.Item>
          )}
          {how === "PAPER_SCAN" && <Scan of={of} />}
        </>
      )}
    </FormDialog>
  );
}

/** The scan of the paper, stored before the signature is confirmed. */
function Scan({ of }: { of: Contract }) {
  const { t } = useTranslation("panel");
  const refresh = usePanelRefresh();
  const input = useRef<HTMLInputElement>(null);
  const upload = useCommand("post", "/api/v1/fd-contracts/{id}/file", { onSuccess: refresh });
  return (
    <div className={styles.wide}>
      <p>{t("sign.paper")}</p>
      <span className={styles.line}>
        <Button
          icon={<UploadOutlined aria-hidden />}
          loading={upload.isPending}
          onClick={() => input.current?.click()}
        >
          {t("sign.upload")}
        </Button>
        {of.hasFile && (
          <Tone kind="good" icon="✓">
            {t("sign.uploaded")}
          </Tone>
        )}
        <span className={styles.quiet}>{t("sign.hint")}</span>
      </span>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("sign.chooseFile")}
        accept="application/pdf,image/jpeg,image/png,image/webp"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) upload.mutate({ path: { id: of.id }, body: file });
        }}
      />
      <Refused error={upload.error} />
    </div>
  );
}
