import { SwapOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Consultation, hasCode, type Schemas, useCatalogue, useCommand } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { UrgencyTag } from "../theme";
import { FactorDialog } from "./FactorDialog";
import styles from "./Life.module.css";

/** That a consultation changed hands, or that somebody was asked: for whoever looks at it. */
export function HandedOver({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { chosen } = useCatalogue();
  const of = c.handOver;
  if (!of || (of.result !== "ACCEPTED" && of.result !== "PENDING")) return null;
  const words = { from: of.from, to: of.to, reason: chosen("hand_over_reason", of.reason) };
  return (
    <section className={styles.panel} data-kind="primary" aria-label={t("giveOver.heading")}>
      <p role="status">
        <SwapOutlined aria-hidden />{" "}
        {of.result === "PENDING"
          ? t("giveOver.asking", words)
          : t("giveOver.done", { ...words, time: format.moment(of.resolvedAt ?? of.offeredAt, now) })}
      </p>
    </section>
  );
}

/** Of who gave it: that the colleague has not answered yet, or has declined. */
export function GivingOver({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const answer = useCommand("post", "/api/v1/consultations/{id}/hand-over/answer");
  const of = c.handOver;
  if (!c.mine || !of || of.toMe || (of.result !== "PENDING" && of.result !== "DECLINED")) return null;
  return (
    <section className={styles.panel} data-kind="primary" aria-label={t("giveOver.heading")}>
      <div className={styles.line}>
        <p role="status">
          <SwapOutlined aria-hidden />{" "}
          {t(of.result === "PENDING" ? "giveOver.waits" : "giveOver.declined", { to: of.to })}
        </p>
        {of.result === "PENDING" && (
          <Button
            loading={answer.isPending}
            onClick={() =>
              answer.mutate({ path: { id: c.id }, body: { epoch: c.epoch, answer: "WITHDRAW" } })
            }
          >
            {t("giveOver.withdraw")}
          </Button>
        )}
      </div>
      <Refused error={answer.error} />
    </section>
  );
}

/** Of the colleague: who asks, why, and the two answers. Accepting leads to the consultation. */
export function AskedToTakeOver({
  of,
  who,
}: {
  of: Pick<Schemas["HandOverToMe"], "consultationId" | "epoch" | "from" | "reason" | "note" | "urgency">;
  who: string;
}) {
  const { t } = useTranslation("life");
  const navigate = useNavigate();
  const { chosen } = useCatalogue();
  const [asking, setAsking] = useState(false);
  const id = of.consultationId;
  const answer = useCommand("post", "/api/v1/consultations/{id}/hand-over/answer", {
    onError: (error) => {
      if (hasCode(error, "second_factor_required")) setAsking(true);
    },
  });
  const accept = () =>
    answer.mutate(
      { path: { id }, body: { epoch: of.epoch, answer: "ACCEPT" } },
      { onSuccess: () => void navigate(`/work/${id}`) },
    );
  return (
    <section className={styles.panel} data-kind="primary" aria-label={t("giveOver.heading")}>
      <div className={styles.line}>
        <div>
          <p className={styles.asked} role="status">
            <SwapOutlined aria-hidden /> {t("giveOver.asks", { from: of.from, who })}{" "}
            <UrgencyTag urgency={of.urgency} />
          </p>
          <p className={styles.quiet}>
            {[chosen("hand_over_reason", of.reason), of.note].filter(Boolean).join(t("opinion.colon"))}
          </p>
        </div>
        <span className={styles.acts}>
          <Button
            disabled={answer.isPending}
            onClick={() =>
              answer.mutate(
                { path: { id }, body: { epoch: of.epoch, answer: "DECLINE" } },
                { onSuccess: () => void navigate("/queue") },
              )
            }
          >
            {t("giveOver.decline")}
          </Button>
          <Button type="primary" loading={answer.isPending} onClick={accept}>
            {t("giveOver.accept")}
          </Button>
        </span>
      </div>
      {!asking && <Refused error={answer.error} />}
      {asking && (
        <FactorDialog
          consultationId={id}
          onClose={() => setAsking(false)}
          onConfirmed={() => {
            setAsking(false);
            accept();
          }}
        />
      )}
    </section>
  );
}
