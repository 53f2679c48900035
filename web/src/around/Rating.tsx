import { StarFilled, StarOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCommand } from "../api";
import { useServices } from "../app/services";
import { Choice, Choices } from "../bedside/parts/Choice";
import { Panel } from "../bedside/parts/Panel";
import styles from "./Around.module.css";
import { Dialog, Refused } from "../dialog";

const scores = [1, 2, 3, 4, 5] as const;

/** Five stars with a word for each; a colour or a shape alone would not do. */
export function Stars({ score, onScore }: { score: number; onScore: (score: number) => void }) {
  const { t } = useTranslation("around");
  return (
    <div role="group" aria-label={t("rating.question")} className={styles.stars}>
      {scores.map((n) => (
        <button
          key={n}
          type="button"
          className={styles.star}
          aria-pressed={score === n}
          onClick={() => onScore(n)}
        >
          {n <= score ? <StarFilled aria-hidden /> : <StarOutlined aria-hidden />}
          <span>{t(`rating.score.s${n}`)}</span>
        </button>
      ))}
    </div>
  );
}

/** After the call the tablet is handed over, or a link goes to the family. Staff never rate. */
export function RatingPanel({ c }: { c: Consultation }) {
  const { t } = useTranslation("around");
  const [open, setOpen] = useState(false);
  const link = useCommand("post", "/api/v1/consultations/{id}/rating-link");
  const ratings = c.ratings ?? [];
  if (!c.actions.includes("rateConsultation")) return null;
  const address = link.data?.token ? `${window.location.origin}/rate#${link.data.token}` : undefined;
  return (
    <Panel title={t("rating.title")}>
      {ratings.map((r) => (
        <p key={r.rater}>
          {t(`rating.by.${r.rater as "RESIDENT"}`)}: {t(`rating.score.s${r.score as 1}`)} ({r.score}/5){" "}
          <span className={styles.quiet}>{r.comment}</span>
        </p>
      ))}
      {ratings.length < 2 && (
        <span className={styles.acts}>
          <Button onClick={() => setOpen(true)}>{t("rating.handOver")}</Button>
          <Button loading={link.isPending} onClick={() => link.mutate({ path: { id: c.id }, body: {} })}>
            {t("rating.link")}
          </Button>
        </span>
      )}
      {address && (
        <p>
          {t("rating.linkHint")}
          <br />
          <code className={styles.address}>{address}</code>
        </p>
      )}
      <Refused error={link.error} />
      {open && <RatingSheet c={c} onClose={() => setOpen(false)} />}
    </Panel>
  );
}

function RatingSheet({ c, onClose }: { c: Consultation; onClose: () => void }) {
  const { t } = useTranslation(["around", "common"]);
  const { query } = useServices();
  const id = useId();
  const done = new Set((c.ratings ?? []).map((r) => r.rater));
  const raters = (["RESIDENT", "FAMILY"] as const).filter((r) => !done.has(r));
  const [rater, setRater] = useState(raters[0] ?? "FAMILY");
  const [score, setScore] = useState(0);
  const [comment, setComment] = useState("");
  const rate = useCommand("post", "/api/v1/consultations/{id}/rating", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/consultations/{id}"] });
      onClose();
    },
  });
  return (
    <Dialog
      title={t("rating.question")}
      onClose={onClose}
      act={t("rating.send")}
      busy={rate.isPending}
      ready={score !== 0}
      error={rate.error}
      onAct={() =>
        rate.mutate({
          path: { id: c.id },
          body: { rater, score, ...(comment.trim() ? { comment: comment.trim() } : {}) },
        })
      }
    >
      <p>{t("rating.notStaff")}</p>
      <Choices label={t("rating.who")}>
        {raters.map((r) => (
          <Choice key={r} chosen={rater === r} onClick={() => setRater(r)}>
            {t(`rating.by.${r}`)}
          </Choice>
        ))}
      </Choices>
      <Stars score={score} onScore={setScore} />
      <label htmlFor={id}>{t("rating.comment")}</label>
      <Input.TextArea
        id={id}
        value={comment}
        maxLength={500}
        autoSize={{ minRows: 2, maxRows: 6 }}
        onChange={(event) => setComment(event.target.value)}
      />
    </Dialog>
  );
}
