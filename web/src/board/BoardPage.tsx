import { App, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { AssignDialog } from "./AssignDialog";
import { type Board, type BoardRow, isFree, split } from "./board";
import styles from "./Board.module.css";
import { ConvertDialog } from "./ConvertDialog";
import { Doctors } from "./Doctors";
import { MergeDialog } from "./MergeDialog";
import { Row } from "./Row";
import { useBoard } from "./useBoard";

/** What the dispatcher decides about a request in a dialog. */
export type Decision = "assign" | "merge" | "convert";

/** The dispatcher's page: what is late first, what was tried for it, and the doctors who could take it. */
function BoardPage() {
  const { t } = useTranslation("board");
  const board = useBoard();
  return (
    <Page title={t("title")} actions={board.data && <Counters of={board.data} />}>
      <Loaded query={board} skeleton={<Skeleton active title={false} paragraph={{ rows: 8 }} />}>
        {(data) => (
          <div className={styles.board}>
            <Waiting of={data} />
            <Doctors of={data.doctors} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}
export { BoardPage as Component };

function Counters({ of }: { of: Board }) {
  const { t } = useTranslation("board");
  const { late } = split(of, useServerNow(1000));
  return (
    <div className={styles.counters}>
      <span data-alarm={late.length > 0}>{t("counters.late", { n: late.length })}</span>
      <span>{t("counters.waiting", { n: of.rows.length })}</span>
      <span>{t("counters.free", { n: of.doctors.filter(isFree).length })}</span>
    </div>
  );
}

function Waiting({ of }: { of: Board }) {
  const { t } = useTranslation("board");
  const { message } = App.useApp();
  const { late, soon } = split(of, useServerNow(1000));
  const [deciding, setDeciding] = useState<{ id: string; decision: Decision }>();
  // Read anew, so that a dialog never acts on what was true when it was opened.
  const row = deciding && of.rows.find((r) => r.id === deciding.id);
  const close = () => setDeciding(undefined);
  const done = (text: string) => {
    close();
    void message.success(text);
  };
  if (of.rows.length === 0) {
    return (
      <div className={styles.empty}>
        <strong>{t("empty")}</strong>
        <span className={styles.quiet}>{t("emptyHint")}</span>
      </div>
    );
  }
  const group = (which: "late" | "soon", rows: readonly BoardRow[]) =>
    rows.length > 0 && (
      <section aria-label={t(`groups.${which}`)} className={styles.group}>
        <h2>{t(`groups.${which}`)}</h2>
        <ul className={styles.rows} aria-label={t("list")}>
          {rows.map((r) => (
            <Row
              key={r.id}
              row={r}
              readAt={of.serverTime}
              others={of.rows}
              onDecide={(decision) => setDeciding({ id: r.id, decision })}
            />
          ))}
        </ul>
      </section>
    );
  return (
    <div className={styles.groups}>
      {group("late", late)}
      {group("soon", soon)}
      {row && deciding.decision === "assign" && (
        <AssignDialog key={row.id} row={row} doctors={of.doctors} onClose={close} onDone={done} />
      )}
      {row && deciding.decision === "merge" && (
        <MergeDialog key={row.id} row={row} rows={of.rows} onClose={close} onDone={done} />
      )}
      {row && deciding.decision === "convert" && (
        <ConvertDialog key={row.id} row={row} onClose={close} onDone={done} />
      )}
    </div>
  );
}
