import { App, Button, Form, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand } from "../api";
import type { Schemas } from "../api/types";
import { useMe } from "../auth/useSession";
import { DayPicker, useToday } from "../dates";
import { FormDialog } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Admin.module.css";
import {
  LicenceFields,
  type LicenceKind,
  type LicenceValues,
  licenceKinds,
  licenceOf,
} from "./LicenceFields";

type Account = Schemas["UserAccount"];
type Held = Schemas["HeldLicence"];

const reasons = ["SUSPENDED", "REVOKED", "MOVED", "REPLACED", "WRONG"] as const;
const anyKind: LicenceKind[] = [
  "PHYSICIAN",
  "ASSISTANT_PHYSICIAN",
  "VILLAGE_DOCTOR",
  "NURSE",
  "PHARMACIST",
  "THERAPIST",
];

/** The professional licences of somebody: enter the next one, end or suspend one. */
export function Licences({
  of,
  onChanged,
  onClose,
}: {
  of: Account;
  onChanged: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const { label } = useCatalogue();
  const format = useFormat();
  const me = useMe();
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Held>();
  const mine = (organisationId: string) =>
    me.memberships.some(
      (m) => m.role === "SYS_ADMIN" || (m.role === "INST_ADMIN" && m.organisationId === organisationId),
    );
  const day = (d: string) => format.day(d, new Date(0));
  return (
    <Modal open title={t("licences.title", { name: of.name })} onCancel={onClose} footer={null} width={720}>
      <ul className={styles.licences}>
        {of.licences.map((l) => (
          <li key={l.id}>
            <Tone kind={l.inForce ? "good" : "muted"}>
              {t(l.inForce ? "system.inForce" : "system.notInForce")}
            </Tone>
            <span>
              {[t(`people.kinds.${l.kind as LicenceKind}`), label("titles", l.titleCode), l.number]
                .filter(Boolean)
                .join(" ")}
            </span>
            <span>
              {l.validTo && l.validTo < l.validFrom
                ? t("licences.never")
                : `${day(l.validFrom)} – ${l.validTo ? day(l.validTo) : t("licences.open")}`}
            </span>
            {mine(l.organisationId) && !(l.validTo && l.validTo < l.validFrom) && (
              <Button size="small" onClick={() => setEnding(l)}>
                {t("licences.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {of.licences.length === 0 && <p>{t("licences.none")}</p>}
      <Button type="primary" onClick={() => setAdding(true)}>
        {t("licences.add")}
      </Button>
      {adding && (
        <AddDialog
          of={of}
          onClose={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            onChanged();
          }}
        />
      )}
      {ending && (
        <EndDialog
          of={ending}
          onClose={() => setEnding(undefined)}
          onDone={() => {
            setEnding(undefined);
            onChanged();
          }}
        />
      )}
    </Modal>
  );
}

interface Step {
  onClose: () => void;
  onDone: () => void;
}

function AddDialog({ of, onClose, onDone }: Step & { of: Account }) {
  const { t } = useTranslation(["admin", "common"]);
  const { message } = App.useApp();
  const [form] = Form.useForm<{ licence: LicenceValues }>();
  const fitting = licenceKinds(of.roles.map((m) => m.role));
  const kinds = fitting.length > 0 ? fitting : anyKind;
  const add = useCommand("post", "/api/v1/users/{id}/licences", {
    onSuccess: () => {
      void message.success(t("licences.added"));
      onDone();
    },
  });
  return (
    <FormDialog<{ licence: LicenceValues }>
      title={t("licences.add")}
      onClose={onClose}
      width="wide"
      act={t("common:actions.save")}
      busy={add.isPending}
      form={form}
      error={add.error}
      initial={{ licence: { kind: kinds[0] } }}
      onSend={(v) => {
        const licence = licenceOf(v.licence);
        if (licence) add.mutate({ path: { id: of.id }, body: { licence } });
      }}
    >
      <LicenceFields of={kinds} required />
    </FormDialog>
  );
}

function EndDialog({ of, onClose, onDone }: Step & { of: Held }) {
  const { t } = useTranslation(["admin", "common"]);
  const [form] = Form.useForm<Schemas["ProfessionalLicenceEnd"]>();
  const reason = Form.useWatch("reason", form);
  const today = useToday();
  const end = useCommand("post", "/api/v1/professional-licences/{id}/end", { onSuccess: onDone });
  return (
    <FormDialog<Schemas["ProfessionalLicenceEnd"]>
      title={t("licences.endTitle", { number: of.number })}
      onClose={onClose}
      act={t("licences.end")}
      busy={end.isPending}
      form={form}
      error={end.error}
      initial={{ on: today }}
      onSend={(v) => end.mutate({ path: { id: of.id }, body: { reason: v.reason, on: v.on ?? today } })}
    >
      <Form.Item name="reason" label={t("licences.reason")} rules={[{ required: true }]}>
        <Select options={reasons.map((r) => ({ value: r, label: t(`licences.reasons.${r}`) }))} />
      </Form.Item>
      {reason !== "WRONG" && (
        <Form.Item
          name="on"
          label={t("licences.on")}
          extra={t("licences.onHint")}
          rules={[{ required: true }]}
        >
          <DayPicker className={styles.wide} />
        </Form.Item>
      )}
    </FormDialog>
  );
}
