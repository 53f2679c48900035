import { Button } from "antd";
import { PrinterOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Tone } from "../theme";
import { Children } from "./Children";
import { Dimensions } from "./Dimensions";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import { Headline } from "./Headline";
import { Indicators } from "./Indicators";
import { PeriodBar } from "./Period";
import { type Dashboard, useGoalQuery } from "./query";
import { Reasons } from "./Reasons";
import { Tiles } from "./Tiles";
import { Times } from "./Times";
import { Todo } from "./Todo";
import { Trend } from "./Trend";

/**
 * The one page of figures, in the order in which they are needed: what is to be done now; target, done and countable; why not
 * countable; how long people waited; coverage. Every figure opens its rows, every name its definition.
 */
function GoalsPage() {
  const { t } = useTranslation("goals");
  const goal = useGoalQuery();
  const query = useRead("/api/v1/goals/dashboard", { query: goal.query }, { keepPrevious: true });
  return (
    <GoalsShell
      title={t("title")}
      aside={
        <>
          <span className={styles.quiet}>{t("note")}</span>
          {query.data && (
            <span className={styles.quiet}>{t("definitions", { version: query.data.definitions })}</span>
          )}
          {query.data && query.data.behind > 0 && (
            <Tone kind="muted">{t("behind", { n: query.data.behind })}</Tone>
          )}
          <Button
            className={`${styles.push} ${styles.noPrint}`}
            icon={<PrinterOutlined />}
            onClick={() => window.print()}
            aria-label={t("print")}
          />
        </>
      }
    >
      <Todo />
      <PeriodBar goal={goal} />
      <Loaded query={query}>{(data) => <Figures data={data} search={goal.search} set={goal.set} />}</Loaded>
    </GoalsShell>
  );
}

function Figures({
  data,
  search,
  set,
}: {
  data: Dashboard;
  search: URLSearchParams;
  set: ReturnType<typeof useGoalQuery>["set"];
}) {
  return (
    <>
      <Headline data={data} search={search} />
      <div className={styles.two}>
        <Reasons data={data} search={search} />
        <Times data={data} search={search} />
      </div>
      {data.children.length > 0 && <Children data={data} search={search} set={set} />}
      {data.tiles.length > 0 && <Tiles tiles={data.tiles} set={set} />}
      <Trend months={data.months} set={set} />
      {data.dimensions.length > 0 && <Dimensions data={data} search={search} />}
      <Indicators list={data.indicators} search={search} set={set} />
    </>
  );
}

export { GoalsPage as Component };
