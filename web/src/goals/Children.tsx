import { Button, Table } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "../i18n/useFormat";
import styles from "./Goals.module.css";
import { type Dashboard, percent, rowsAddress, type useGoalQuery } from "./query";

/** What is directly below an authority: each name opens its figures, each figure its rows. */
export function Children({
  data,
  search,
  set,
}: {
  data: Dashboard;
  search: URLSearchParams;
  set: ReturnType<typeof useGoalQuery>["set"];
}) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const rate = (part: number, whole: number) => {
    const p = percent(part, whole);
    return p === undefined ? t("figure.none") : `${format.number(p, 1)}%`;
  };
  type Row = Dashboard["children"][number];
  const rows = (c: Row, text: string, conditions: Record<string, string>) => (
    <Link to={rowsAddress(search, { org: c.scope.id, ...conditions })}>{text}</Link>
  );
  const column = (key: string, title: string, value: (c: Row) => ReactNode) => ({
    key,
    title,
    align: "right" as const,
    className: styles.number ?? "",
    render: (_: unknown, c: Row) => value(c),
  });
  return (
    <section className={styles.card} aria-labelledby="children">
      <h2 id="children">{t("children.title")}</h2>
      <Table
        rowKey={(c) => c.scope.id}
        size="small"
        pagination={data.children.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={data.children}
        columns={[
          {
            key: "name",
            title: t("children.name"),
            fixed: "left",
            render: (_, c) => (
              <Button type="link" size="small" onClick={() => set({ org: c.scope.id })}>
                {c.scope.name}
              </Button>
            ),
          },
          column("submitted", t("figure.submitted"), (c) =>
            rows(c, format.number(c.submitted), { mark: "SUBMITTED" }),
          ),
          column("completed", t("figure.completed"), (c) =>
            rows(c, format.number(c.completed), { mark: "COMPLETED" }),
          ),
          column("countable", t("figure.countable"), (c) =>
            rows(c, format.number(c.countable), { mark: "COUNTABLE" }),
          ),
          column("notCountable", t("figure.notCountable"), (c) =>
            rows(c, format.number(c.notCountable), { mark: "NOT_COUNTABLE" }),
          ),
          column("rate", t("children.rate"), (c) => rate(c.countable, c.countable + c.notCountable)),
          column("answer", t("figure.answer"), (c) =>
            rows(c, rate(c.answerInTime, c.answerBase), { mark: "ANSWER_BASE", without: "ANSWER_IN_TIME" }),
          ),
          column("late", t("figure.late"), (c) =>
            rows(c, rate(c.reportLate, c.ended), { mark: "REPORT_LATE" }),
          ),
        ]}
      />
    </section>
  );
}
