import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, type Schemas, useCatalogue, useCommand } from "../../api";
import { useServices } from "../../app/services";
import { Choice, Choices } from "../parts/Choice";
import styles from "./Consent.module.css";
import { Dialog, Refused } from "../../dialog";

type By = Schemas["ConsentWithdrawal"]["by"];

/** Who may withdraw, by the resident's capacity and by who signed. */
function mayWithdraw(capacity: Schemas["Capacity"], signer: string): By[] {
  if (capacity !== "FULL") return ["LEGAL_GUARDIAN"];
  return signer === "NEAR_RELATIVE" ? ["SELF", "NEAR_RELATIVE"] : ["SELF"];
}

/** Takes a consent back. It says beforehand what will happen. */
export function WithdrawSheet({
  consent,
  capacity,
  guardians,
  onClose,
}: {
  consent: Schemas["Consent"];
  capacity: Schemas["Capacity"];
  guardians: readonly Schemas["Guardian"][];
  onClose: () => void;
}) {
  const { t } = useTranslation(["around", "bedside", "common"]);
  const { options, label } = useCatalogue();
  const { query } = useServices();
  const id = useId();
  const who = mayWithdraw(capacity, consent.signerKind);
  const [by, setBy] = useState<By>(who[0] ?? "SELF");
  const [name, setName] = useState("");
  const [relation, setRelation] = useState("");
  const [reason, setReason] = useState("");
  const withdraw = useCommand("post", "/api/v1/consents/{id}/withdraw", {
    onSuccess: () => {
      for (const path of [
        "/api/v1/residents/{id}",
        "/api/v1/residents",
        "/api/v1/consultations/{id}",
        "/api/v1/worklist",
      ]) {
        void query.invalidateQueries({ queryKey: [path] });
      }
      onClose();
    },
  });
  const fields = withdraw.error instanceof ApiError ? (withdraw.error.problem.fields ?? []) : [];
  const errorOf = (field: string) => fields.find((f) => f.field === field)?.message;
  const known = guardians.filter((g) => g.isGuardian !== false);
  return (
    <Dialog
      width="wide"
      open
      title={t("around:withdraw.title")}
      onClose={onClose}
      footer={
        <div className={styles.footer}>
          <Button onClick={onClose}>{t("common:actions.cancel")}</Button>
          <Button
            type="primary"
            danger
            loading={withdraw.isPending}
            onClick={() =>
              withdraw.mutate({
                path: { id: consent.id },
                body: {
                  by,
                  ...(by === "SELF" ? {} : { name: name.trim(), relation }),
                  ...(reason.trim() ? { reason: reason.trim() } : {}),
                },
              })
            }
          >
            {t("around:withdraw.confirm")}
          </Button>
        </div>
      }
    >
      <div className={styles.form}>
        <p>{t("around:withdraw.explain")}</p>
        <Choices label={t("around:withdraw.by")}>
          {who.map((kind) => (
            <Choice key={kind} chosen={by === kind} onClick={() => setBy(kind)}>
              {t(`around:withdraw.${kind}`)}
            </Choice>
          ))}
        </Choices>
        <div role="alert" className={styles.error}>
          {errorOf("by")}
        </div>
        {by !== "SELF" && (
          <>
            {known.length > 0 && (
              <Choices label={t("bedside:consent.known")}>
                {known.map((g) => (
                  <Choice
                    key={g.name + g.relation}
                    chosen={name === g.name && relation === g.relation}
                    hint={label("relations", g.relation)}
                    onClick={() => {
                      setName(g.name);
                      setRelation(g.relation);
                    }}
                  >
                    {g.name}
                  </Choice>
                ))}
              </Choices>
            )}
            <div className={styles.pair}>
              <div className={styles.field}>
                <label htmlFor={`${id}-name`} className={styles.label}>
                  {t("around:withdraw.name")}
                </label>
                <Input
                  id={`${id}-name`}
                  value={name}
                  maxLength={50}
                  autoComplete="off"
                  onChange={(event) => setName(event.target.value)}
                />
                <div role="alert" className={styles.error}>
                  {errorOf("name")}
                </div>
              </div>
              <div className={styles.field}>
                <label htmlFor={`${id}-relation`} className={styles.label}>
                  {t("around:withdraw.relation")}
                </label>
                <Select
                  id={`${id}-relation`}
                  value={relation || null}
                  options={options("relations")}
                  onChange={(code: string) => setRelation(code)}
                />
                <div role="alert" className={styles.error}>
                  {errorOf("relation")}
                </div>
              </div>
            </div>
          </>
        )}
        <div className={styles.field}>
          <label htmlFor={`${id}-reason`} className={styles.label}>
            {t("around:withdraw.reason")}
          </label>
          <Input.TextArea
            id={`${id}-reason`}
            value={reason}
            maxLength={500}
            autoSize={{ minRows: 1, maxRows: 4 }}
            onChange={(event) => setReason(event.target.value)}
          />
        </div>
        <Refused error={withdraw.error} />
      </div>
    </Dialog>
  );
}
