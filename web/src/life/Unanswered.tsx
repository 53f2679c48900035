import { PhoneFilled } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCatalogue, useCommand, useRead } from "../api";
import styles from "./Life.module.css";
import { ReasonDialog, Refused } from "../dialog";

/** A request that the hospital declined, or that nobody answered: ask again, another department, or close it. */
export function Unanswered({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const { label } = useCatalogue();
  const declined = c.state === "DECLINED";
  const departments = useRead("/api/v1/duty").data?.departments ?? [];
  const others = departments.filter((d) => !declined || d.departmentId !== c.department?.id);
  const [department, setDepartment] = useState<string>();
  const again = useCommand("post", "/api/v1/consultations/{id}/offer-again");
  const why = [label("declineReasons", c.endCode), c.endNote].filter(Boolean).join(" · ");
  return (
    <section className={styles.panel} data-kind="danger">
      <p className={styles.strong} role="status">
        {declined ? t("decline.shown", { why }) : t("expired.shown")}
      </p>
      <label className={styles.field} htmlFor="again-department">
        {t("again.department")}
        <Select
          id="again-department"
          size="large"
          value={department ?? ""}
          options={[
            ...(declined ? [] : [{ value: "", label: t("again.auto") }]),
            ...others.map((d) => ({ value: d.departmentId, label: d.name })),
          ]}
          onChange={(next) => setDepartment(next || undefined)}
        />
      </label>
      <div className={styles.acts}>
        <Button
          type="primary"
          size="large"
          icon={<PhoneFilled aria-hidden />}
          loading={again.isPending}
          disabled={declined && !department}
          onClick={() =>
            again.mutate({ path: { id: c.id }, body: department ? { departmentId: department } : {} })
          }
        >
          {declined ? t("again.other") : t("again.button")}
        </Button>
        <CloseButton c={c} />
      </div>
      <p className={styles.quiet}>{t("again.closeHint")}</p>
      <Refused error={again.error} />
    </section>
  );
}

/** Closes without service, with a reason. */
export function CloseButton({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const { choices } = useCatalogue();
  const [open, setOpen] = useState(false);
  const close = useCommand("post", "/api/v1/consultations/{id}/close", { onSuccess: () => setOpen(false) });
  if (!c.actions.includes("closeConsultation")) return null;
  return (
    <>
      <Button size="large" onClick={() => setOpen(true)}>
        {t("close.button")}
      </Button>
      {open && (
        <ReasonDialog
          title={t("close.title")}
          body={t("close.body")}
          act={t("close.confirm")}
          danger
          reasons={choices("close_reason").filter(({ value }) => value !== "NOT_TAKEN_UP")}
          busy={close.isPending}
          error={close.error}
          onClose={() => setOpen(false)}
          onSend={({ reason, words: note }) =>
            close.mutate({ path: { id: c.id }, body: { reason, ...(note ? { note } : {}) } })
          }
        />
      )}
    </>
  );
}

/** An administrator voids a draft. */
export function VoidButton({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const { choices } = useCatalogue();
  const [open, setOpen] = useState(false);
  const undo = useCommand("post", "/api/v1/consultations/{id}/void", { onSuccess: () => setOpen(false) });
  if (!c.actions.includes("voidConsultation")) return null;
  return (
    <>
      <Button danger onClick={() => setOpen(true)}>
        {t("void.button")}
      </Button>
      {open && (
        <ReasonDialog
          title={t("void.title")}
          body={t("void.body")}
          act={t("void.confirm")}
          danger
          reasons={choices("void_reason").filter(({ value }) => value !== "DRAFT_EXPIRED")}
          busy={undo.isPending}
          error={undo.error}
          onClose={() => setOpen(false)}
          onSend={({ reason, words: note }) =>
            undo.mutate({ path: { id: c.id }, body: { reason, ...(note ? { note } : {}) } })
          }
        />
      )}
    </>
  );
}
