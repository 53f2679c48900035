import { Button, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { SignaturePad } from "../call";
import { useServerNow } from "../clock/useServerNow";
import { Dialog } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { useProof } from "../life/useProof";
import { Notice } from "../theme";
import type { Visit } from "./parts";
import { useVisitsRefresh } from "./useVisits";
import styles from "./Visits.module.css";

/** Nobody of the household has signed yet, and until when that can follow. */
function NeedsSignature({ of }: { of: Visit }) {
  const { t } = useTranslation("visits");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <Notice kind="caution">
      {of.proofUntil
        ? t("record.needSignatureBy", { time: format.moment(of.proofUntil, now) })
        : t("record.needSignature")}
    </Notice>
  );
}

/** Who of the household signed for the visit, or that nobody has. */
export function SignedFor({ of, onSign }: { of: Visit; onSign: () => void }) {
  const { t } = useTranslation("visits");
  const { chosen } = useCatalogue();
  const may = ["ARRIVED", "LEFT", "DONE"].includes(of.state) && !of.signedFor;
  return (
    <div className={styles.field}>
      <span>{t("record.signature")}</span>
      {of.signedFor ? (
        <span>
          {t("record.signedBy", { name: of.signedForName, kind: chosen("visit_signer", of.signedFor) })}
        </span>
      ) : (
        <NeedsSignature of={of} />
      )}
      {may && (
        <span>
          <Button onClick={onSign}>{t("record.signAct")}</Button>
        </span>
      )}
    </div>
  );
}

/** The resident or a relative signs on the device; the signature is an act and needs no network. */
export function SignFor({ of, onClose }: { of: Visit; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const { choices } = useCatalogue();
  const [kind, setKind] = useState<"RESIDENT" | "FAMILY">("RESIDENT");
  const [name, setName] = useState("");
  const [png, setPng] = useState<string | null>(null);
  const signer = kind === "RESIDENT" ? of.residentName : name.trim();
  const { offline, clock } = useServices();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const send = async () => {
    if (!png) return;
    setBusy(true);
    const at = new Date(clock.now()).toISOString();
    try {
      await offline.act({
        kind: "SIGNATURE",
        about: { kind: "visit", id: of.id },
        who: of.residentName,
        at,
        body: { kind, name: signer, png, at },
      });
      onClose();
    } catch (error) {
      setFailed(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t("record.signature")}
      width="wide"
      onClose={onClose}
      act={t("record.signAct")}
      ready={png !== null && signer !== ""}
      busy={busy}
      error={failed}
      onAct={() => void send()}
    >
      <p>{t("record.signatureHint")}</p>
      <Radio.Group
        aria-label={t("record.signerKind")}
        value={kind}
        onChange={(e) => setKind(e.target.value as typeof kind)}
        options={choices("visit_signer").filter((o) => o.value !== "CARER")}
      />
      {kind !== "RESIDENT" && (
        <Input
          aria-label={t("record.signerName")}
          placeholder={t("record.signerName")}
          value={name}
          maxLength={60}
          onChange={(e) => setName(e.target.value)}
        />
      )}
      <SignaturePad onChange={setPng} />
    </Dialog>
  );
}

/** Whoever wrote the record signs it, once, with the password and the second factor. */
export function SignRecord({ of, revision, onClose }: { of: Visit; revision: number; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const refresh = useVisitsRefresh();
  const [password, setPassword] = useState("");
  const factor = useRead("/api/v1/me/second-factor");
  const proof = useProof(factor.data);
  const enrolled = factor.data?.enrolled ?? false;
  const send = useCommand("post", "/api/v1/visits/{id}/sign", {
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  const sign = async () => {
    const given = enrolled ? { proof: await proof.prove() } : {};
    try {
      await send.mutateAsync({ path: { id: of.id }, body: { revision, password, ...given } });
    } finally {
      proof.clear(); // each code works once
    }
  };
  return (
    <Dialog
      title={t("record.signTitle")}
      onClose={onClose}
      act={t("record.sign")}
      ready={password !== "" && !factor.isPending && (!enrolled || proof.ready)}
      busy={send.isPending || proof.busy}
      error={send.error}
      onAct={() => {
        sign().catch(() => undefined); // what was refused stands in the dialog
      }}
    >
      <p>{t("record.signBody")}</p>
      {!of.signedFor && <NeedsSignature of={of} />}
      <Input.Password
        aria-label={t("record.password")}
        placeholder={t("record.password")}
        autoComplete="current-password"
        value={password}
        onChange={(e) => setPassword(e.target.value)}
      />
      {proof.field}
    </Dialog>
  );
}
