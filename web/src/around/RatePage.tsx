import { Button, Input, Result } from "antd";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../api";
import { Page } from "../app/Page";
import styles from "./Around.module.css";
import { Stars } from "./Rating";
import { Refused } from "../dialog";

/**
 * The family's page behind a one-time link, without signing in. The token travels in the fragment, which no server and no log
 * sees; it is taken out of the address at once and exchanged by POST.
 */
function RatePage() {
  const { t } = useTranslation("around");
  const id = useId();
  const [score, setScore] = useState(0);
  const [comment, setComment] = useState("");
  const [sent, setSent] = useState(false);
  const exchange = useCommand("post", "/api/v1/rating-links/exchange");
  const rate = useCommand("post", "/api/v1/rating-links/rate", { onSuccess: () => setSent(true) });
  const { mutate } = exchange;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const token = window.location.hash.slice(1);
    window.history.replaceState(null, "", window.location.pathname);
    mutate({ body: { token: token.length === 43 ? token : "-".repeat(43) } });
  }, [mutate]);
  const ticket = exchange.data;
  if (sent) return <Result status="success" title={t("rating.thanks")} />;
  return (
    <div className={styles.rate}>
      <Page title={t("rating.question")}>
        <Refused error={exchange.error} />
        {ticket && (
          <div className={styles.form}>
            <p>{[ticket.institution, ticket.hospital, ticket.day].filter(Boolean).join(" · ")}</p>
            <Stars score={score} onScore={setScore} />
            <label htmlFor={id}>{t("rating.comment")}</label>
            <Input.TextArea
              id={id}
              value={comment}
              maxLength={500}
              autoSize={{ minRows: 3, maxRows: 8 }}
              onChange={(event) => setComment(event.target.value)}
            />
            <Button
              type="primary"
              size="large"
              disabled={score === 0}
              loading={rate.isPending}
              onClick={() =>
                rate.mutate({
                  body: {
                    ticket: ticket.ticket,
                    score,
                    ...(comment.trim() ? { comment: comment.trim() } : {}),
                  },
                })
              }
            >
              {t("rating.send")}
            </Button>
            <Refused error={rate.error} />
          </div>
        )}
      </Page>
    </div>
  );
}
export { RatePage as Component };
