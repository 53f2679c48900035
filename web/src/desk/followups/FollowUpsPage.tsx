import { CalendarOutlined, CheckOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { readKey, type Schemas, useCommand, useRead } from "../../api";
import { useQueryClient } from "@tanstack/react-query";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Tone } from "../../theme";
import { dayOf } from "../../dates";
import styles from "./FollowUps.module.css";
import { Dialog } from "../../dialog";

type FollowUp = Schemas["FollowUp"];

/** Follow-ups that are due within two weeks or overdue. */
function FollowUpsPage() {
  const { t } = useTranslation("desk");
  const worklist = useRead("/api/v1/worklist");
  return (
    <Page title={t("followUps.title")}>
      <Loaded query={worklist}>
        {({ followUps }) =>
          followUps.length === 0 ? (
            <p className={styles.empty}>{t("followUps.none")}</p>
          ) : (
            <ul className={styles.list}>
              {followUps.map((followUp) => (
                <Row key={followUp.id} of={followUp} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}
export { FollowUpsPage as Component };

function Row({ of }: { of: FollowUp }) {
  const { t } = useTranslation(["desk", "common"]);
  const format = useFormat();
  const client = useQueryClient();
  const now = useServerNow(60_000);
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState("");
  const done = useCommand("post", "/api/v1/follow-ups/{id}/done", {
    onSuccess: () => {
      setAsking(false);
      void client.invalidateQueries({ queryKey: readKey("/api/v1/worklist") });
    },
  });
  const who = t("bedAndName", { bed: of.bed ?? "", name: of.residentName });
  const today = dayOf(now);
  const due = of.dueOn < today ? "over" : of.dueOn === today ? "today" : "later";
  return (
    <li className={styles.row} data-done={of.state !== "OPEN"}>
      <span className={styles.due}>
        <Tone
          kind={due === "over" ? "danger" : due === "today" ? "caution" : "muted"}
          icon={<CalendarOutlined aria-hidden />}
        >
          {t(`followUps.${due}`, { day: format.day(of.dueOn, now) })}
        </Tone>
      </span>
      <strong className={styles.who}>{who}</strong>
      <span className={styles.note}>{of.note}</span>
      <Link to={`/consultations/${of.consultationId}`} aria-label={t("followUps.recordFor", { who })}>
        {t("followUps.record")}
      </Link>
      {of.state === "OPEN" && (
        <Button
          icon={<CheckOutlined aria-hidden />}
          aria-label={t("followUps.doneFor", { who })}
          onClick={() => setAsking(true)}
        >
          {t("followUps.done")}
        </Button>
      )}
      <Dialog
        open={asking}
        title={t("followUps.doneTitle")}
        onClose={() => setAsking(false)}
        act={t("followUps.confirm")}
        busy={done.isPending}
        error={done.error}
        onAct={() => done.mutate({ path: { id: of.id }, body: note.trim() ? { note: note.trim() } : {} })}
      >
        <p>{who}</p>
        <label htmlFor="follow-up-note">{t("followUps.note")}</label>
        <Input.TextArea
          id="follow-up-note"
          value={note}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 6 }}
          onChange={(event) => setNote(event.target.value)}
        />
      </Dialog>
    </li>
  );
}
