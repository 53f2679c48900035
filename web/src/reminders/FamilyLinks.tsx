import { Button, InputNumber, Select } from "antd";
import { encodeQR } from "qr";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { Dialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Panel } from "../bedside/parts/Panel";
import { Tone } from "../theme";
import styles from "./Reminders.module.css";

type Relation = Schemas["FamilyRelation"];
const relations: Relation[] = ["CHILD", "SPOUSE", "GRANDCHILD", "SIBLING", "OTHER"];

/** The links by which the family of a resident asks for visits: made, shown once, revoked. */
export function FamilyLinks({ residentId }: { residentId: string }) {
  const { t } = useTranslation("reminders");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { query } = useServices();
  const [making, setMaking] = useState(false);
  const links = useRead("/api/v1/residents/{id}/family-links", { path: { id: residentId } }).data;
  const again = () => void query.invalidateQueries({ queryKey: ["/api/v1/residents/{id}/family-links"] });
  const revoke = useCommand("post", "/api/v1/family-links/{id}/revoke", { onSuccess: again });
  return (
    <Panel title={t("links.title")}>
      <p className={styles.quiet}>{t("links.hint")}</p>
      {links && links.length === 0 && <p className={styles.quiet}>{t("links.none")}</p>}
      {links && links.length > 0 && (
        <ul className={styles.list}>
          {links.map((l) => {
            const over = new Date(l.expiresAt) < now;
            return (
              <li key={l.id}>
                <span className={styles.grow}>
                  <strong>
                    {l.relation ? t(`links.relations.${l.relation}`) : t("links.relations.OTHER")}
                  </strong>{" "}
                  {l.organisationName}
                  <br />
                  <span className={styles.quiet}>
                    {t("links.until", { day: format.day(l.expiresAt, now) })}
                    {l.lastUsedAt ? ` · ${t("links.used", { at: format.moment(l.lastUsedAt, now) })}` : ""}
                  </span>
                </span>
                {l.revokedAt ? (
                  <Tone kind="danger">{t("links.revoked")}</Tone>
                ) : over ? (
                  <Tone kind="caution">{t("links.over")}</Tone>
                ) : (
                  <Button
                    danger
                    loading={revoke.isPending}
                    onClick={() => revoke.mutate({ path: { id: l.id } })}
                  >
                    {t("links.revoke")}
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
      )}
      <Refused error={revoke.error} />
      <span className={styles.acts}>
        <Button onClick={() => setMaking(true)}>{t("links.make")}</Button>
      </span>
      {making && (
        <MakeDialog
          residentId={residentId}
          onClose={() => {
            setMaking(false);
            again();
          }}
        />
      )}
    </Panel>
  );
}

function MakeDialog({ residentId, onClose }: { residentId: string; onClose: () => void }) {
  const { t } = useTranslation("reminders");
  const id = useId();
  const [relation, setRelation] = useState<Relation>("CHILD");
  const [days, setDays] = useState(90);
  const [copied, setCopied] = useState(false);
  const make = useCommand("post", "/api/v1/residents/{id}/family-links");
  const address = make.data?.token ? `${window.location.origin}/f#${make.data.token}` : undefined;
  if (address)
    return (
      <Dialog title={t("links.makeTitle")} onClose={onClose} act={t("links.close")} onAct={onClose}>
        <div className={styles.stack}>
          <p>{t("links.once")}</p>
          <img
            className={styles.code}
            alt={t("links.code")}
            src={`data:image/svg+xml,${encodeURIComponent(encodeQR(address, "svg"))}`}
          />
          <code className={styles.address}>{address}</code>
          <Button
            onClick={() => {
              void navigator.clipboard.writeText(address).then(() => setCopied(true));
            }}
          >
            {copied ? t("links.copied") : t("links.copy")}
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog
      title={t("links.makeTitle")}
      onClose={onClose}
      act={t("links.make")}
      busy={make.isPending}
      error={make.error}
      onAct={() => make.mutate({ path: { id: residentId }, body: { relation, days } })}
    >
      <div className={styles.stack}>
        <div className={styles.field}>
          <label htmlFor={id}>{t("links.relation")}</label>
          <Select
            id={id}
            value={relation}
            options={relations.map((value) => ({ value, label: t(`links.relations.${value}`) }))}
            onChange={setRelation}
          />
        </div>
        <div className={styles.field}>
          <label htmlFor={`${id}-days`}>{t("links.days")}</label>
          <InputNumber
            id={`${id}-days`}
            min={1}
            max={366}
            value={days}
            onChange={(value) => setDays(value ?? 90)}
          />
        </div>
      </div>
    </Dialog>
  );
}
