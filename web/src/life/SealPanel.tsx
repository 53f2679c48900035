import { LockOutlined, UnlockOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, type Schemas, useCatalogue, useCommand } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import styles from "./Life.module.css";
import { Dialog } from "../dialog";

type RecordSeal = Schemas["RecordSeal"];

/** The sealings of a record, the open one last. */
export function SealPanels({ c }: { c: Consultation }) {
  return (c.seals ?? []).map((seal) => <SealPanel key={seal.id} of={seal} />);
}

/** One sealing: who was present, why, what was sealed with its digests, and how it was opened again. */
export function SealPanel({ of }: { of: RecordSeal }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { chosen } = useCatalogue();
  const open = of.unsealedAt === undefined;
  return (
    <section
      className={styles.panel}
      data-kind={open ? "danger" : "primary"}
      aria-label={t(open ? "seal.sealed" : "seal.wasSealed")}
    >
      <h2>
        {open ? <LockOutlined aria-hidden /> : <UnlockOutlined aria-hidden />}{" "}
        {t(open ? "seal.sealed" : "seal.wasSealed")}
      </h2>
      <p>
        {t("seal.by", { name: of.sealedBy, time: format.moment(of.sealedAt, now) })} · {of.reason}
      </p>
      <p>
        {t("seal.present", {
          institution: of.institutionSide,
          other: of.otherSide,
          relation: of.otherRelation,
        })}
      </p>
      {of.unsealedAt && (
        <p>
          {t("seal.opened", {
            name: of.unsealedBy ?? "",
            time: format.moment(of.unsealedAt, now),
            basis: [chosen("unseal_basis", of.unsealBasis), of.unsealPresent, of.unsealOrder, of.unsealNote]
              .filter(Boolean)
              .join(" · "),
          })}
        </p>
      )}
      <details>
        <summary>{t("seal.list", { n: of.pieces.length })}</summary>
        <ol className={styles.pieces}>
          {of.pieces.map((piece) => (
            <li key={`${piece.kind} ${piece.digest}`}>
              {t(`seal.kinds.${piece.kind as "REPORT"}`)} · {format.moment(piece.at, now)} ·{" "}
              <code>{piece.digest}</code>
            </li>
          ))}
        </ol>
        <p className={styles.quiet}>
          {t("seal.digest")} <code>{of.digest}</code>
        </p>
      </details>
    </section>
  );
}

/** What an administrator does with the seal of a record. */
export function SealButtons({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const [open, setOpen] = useState<"seal" | "unseal">();
  return (
    <>
      {c.actions.includes("sealRecord") && (
        <Button icon={<LockOutlined aria-hidden />} onClick={() => setOpen("seal")}>
          {t("seal.button")}
        </Button>
      )}
      {c.actions.includes("unsealRecord") && (
        <Button icon={<UnlockOutlined aria-hidden />} onClick={() => setOpen("unseal")}>
          {t("seal.open")}
        </Button>
      )}
      {open === "seal" && <SealDialog c={c} onClose={() => setOpen(undefined)} />}
      {open === "unseal" && <UnsealDialog c={c} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className={styles.field}>
      {label}
      {children}
    </label>
  );
}

function SealDialog({ c, onClose }: { c: Consultation; onClose: () => void }) {
  const { t } = useTranslation(["life", "common"]);
  const { options } = useCatalogue();
  const [reason, setReason] = useState("");
  const [institutionSide, setInstitutionSide] = useState("");
  const [otherSide, setOtherSide] = useState("");
  const [otherRelation, setOtherRelation] = useState<string>();
  const [password, setPassword] = useState("");
  const seal = useCommand("post", "/api/v1/consultations/{id}/seal", { onSuccess: onClose });
  const ready = reason.trim() && institutionSide.trim() && otherSide.trim() && otherRelation && password;
  return (
    <Dialog
      title={t("seal.title")}
      onClose={onClose}
      act={t("seal.confirm")}
      danger
      busy={seal.isPending}
      ready={Boolean(ready)}
      error={seal.error}
      onAct={() =>
        otherRelation &&
        seal.mutate({
          path: { id: c.id },
          body: {
            reason: reason.trim(),
            institutionSide: institutionSide.trim(),
            otherSide: otherSide.trim(),
            otherRelation,
            password,
          },
        })
      }
    >
      <p>{t("seal.body")}</p>
      <Field label={t("seal.reason")}>
        <Input.TextArea
          value={reason}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 5 }}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
      <Field label={t("seal.institutionSide")}>
        <Input
          value={institutionSide}
          maxLength={100}
          onChange={(event) => setInstitutionSide(event.target.value)}
        />
      </Field>
      <div className={styles.row}>
        <Field label={t("seal.otherSide")}>
          <Input value={otherSide} maxLength={100} onChange={(event) => setOtherSide(event.target.value)} />
        </Field>
        <Field label={t("seal.otherRelation")}>
          <Select
            aria-label={t("seal.otherRelation")}
            value={otherRelation ?? null}
            options={[
              { value: t("seal.self"), label: t("seal.self") },
              ...options("relations").map(({ label }) => ({ value: label, label })),
            ]}
            onChange={(next) => setOtherRelation(next ?? undefined)}
          />
        </Field>
      </div>
      <Field label={t("seal.password")}>
        <Input.Password
          autoComplete="current-password"
          value={password}
          maxLength={128}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
    </Dialog>
  );
}

function UnsealDialog({ c, onClose }: { c: Consultation; onClose: () => void }) {
  const { t } = useTranslation(["life", "common"]);
  const { choices } = useCatalogue();
  const [basis, setBasis] = useState<string>();
  const [institutionSide, setInstitutionSide] = useState("");
  const [otherSide, setOtherSide] = useState("");
  const [order, setOrder] = useState("");
  const [password, setPassword] = useState("");
  const unseal = useCommand("post", "/api/v1/consultations/{id}/unseal", { onSuccess: onClose });
  return (
    <Dialog
      title={t("seal.openTitle")}
      onClose={onClose}
      act={t("seal.openConfirm")}
      busy={unseal.isPending}
      ready={Boolean(basis && password)}
      error={unseal.error}
      onAct={() =>
        basis &&
        unseal.mutate({
          path: { id: c.id },
          body: {
            basis,
            password,
            ...(basis === "BOTH_SIDES"
              ? { institutionSide: institutionSide.trim(), otherSide: otherSide.trim() }
              : {}),
            ...(basis === "ORDER" ? { order: order.trim() } : {}),
          },
        })
      }
    >
      <p>{t("seal.openBody")}</p>
      <Field label={t("seal.basis")}>
        <Select
          aria-label={t("seal.basis")}
          value={basis ?? null}
          options={choices("unseal_basis")}
          onChange={(next) => setBasis(next ?? undefined)}
        />
      </Field>
      {basis === "BOTH_SIDES" && (
        <div className={styles.row}>
          <Field label={t("seal.institutionSide")}>
            <Input
              value={institutionSide}
              maxLength={100}
              onChange={(event) => setInstitutionSide(event.target.value)}
            />
          </Field>
          <Field label={t("seal.otherSide")}>
            <Input value={otherSide} maxLength={100} onChange={(event) => setOtherSide(event.target.value)} />
          </Field>
        </div>
      )}
      {basis === "ORDER" && (
        <Field label={t("seal.order")}>
          <Input value={order} maxLength={100} onChange={(event) => setOrder(event.target.value)} />
        </Field>
      )}
      <Field label={t("seal.password")}>
        <Input.Password
          autoComplete="current-password"
          value={password}
          maxLength={128}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
    </Dialog>
  );
}
