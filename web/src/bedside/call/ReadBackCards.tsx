import { CheckOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { type Consultation, type Schemas, useCatalogue, useCommand } from "../../api";
import { useOpinionWords } from "../../life/opinion";
import styles from "./NurseCall.module.css";
import { Refused } from "../../dialog";

/** What the doctor asks the nurse to read back: one item at a time, large, with its tick. */
export function ReadBackCards({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const asked = c.readBacks ?? [];
  const open = asked.filter((one) => !one.readBackAt);
  const [next] = open;
  if (!next) return null;
  return (
    <section className={`${styles.card} ${styles.readBack}`} aria-label={t("readBack.title")}>
      <p className={styles.ask}>
        {t("readBack.ask", {
          name: c.doctor?.name ?? "",
          n: asked.length - open.length + 1,
          all: asked.length,
        })}
      </p>
      <Item key={next.id} of={next} />
    </section>
  );
}

function Item({ of }: { of: Schemas["ReadBack"] }) {
  const { t } = useTranslation("bedside");
  const { label } = useCatalogue();
  const { said } = useOpinionWords();
  const done = useCommand("post", "/api/v1/read-backs/{id}/done");
  return (
    <>
      <p className={styles.say} role="status">
        <strong>{label("adviceKinds", of.kind)}</strong> {said(of)}
      </p>
      <Button
        type="primary"
        size="large"
        icon={<CheckOutlined aria-hidden />}
        loading={done.isPending}
        onClick={() => done.mutate({ path: { id: of.id } })}
      >
        {t("readBack.done")}
      </Button>
      <Refused error={done.error} />
    </>
  );
}
