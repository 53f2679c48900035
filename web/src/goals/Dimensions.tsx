import { Table } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue } from "../api";
import { useFormat } from "../i18n/useFormat";
import styles from "./Goals.module.css";
import { type Dashboard, rowsAddress } from "./query";

const filter = { SERVICE: "serviceType", DOCTOR: "doctorId", HOUR: "hour" } as const;

interface Shown {
  data: Dashboard;
  search: URLSearchParams;
}

/** An institution by service, doctor and hour; every figure opens its rows. */
export function Dimensions(shown: Shown) {
  return (
    <div className={styles.two}>
      <div className={styles.column}>
        <By dimension="SERVICE" {...shown} />
        <By dimension="DOCTOR" {...shown} />
      </div>
      <By dimension="HOUR" {...shown} />
    </div>
  );
}

function By({ dimension, data, search }: Shown & { dimension: keyof typeof filter }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const { label } = useCatalogue();
  const rows = data.dimensions.filter((d) => d.dimension === dimension);
  if (rows.length === 0) return null;
  return (
    <section className={styles.card} aria-labelledby={`by-${dimension}`}>
      <h2 id={`by-${dimension}`}>{t(`dimension.${dimension}`)}</h2>
      <Table
        rowKey="value"
        size="small"
        pagination={rows.length > 24 ? { pageSize: 24, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={rows}
        columns={[
          {
            key: "value",
            render: (_, d) =>
              dimension === "SERVICE"
                ? label("serviceTypes", d.value)
                : dimension === "HOUR"
                  ? t("dimension.hour", { h: Number(d.value) })
                  : d.name,
          },
          ...(
            [
              ["submitted", "SUBMITTED"],
              ["completed", "COMPLETED"],
              ["countable", "COUNTABLE"],
              ["notCountable", "NOT_COUNTABLE"],
              ["reportLate", "REPORT_LATE"],
            ] as const
          ).map(([key, mark]) => ({
            key,
            align: "right" as const,
            title: t(key === "reportLate" ? "figure.late" : `figure.${key}`),
            render: (_: unknown, d: (typeof rows)[number]) => (
              <Link
                to={rowsAddress(search, {
                  mark,
                  [filter[dimension]]: dimension === "HOUR" ? String(Number(d.value)) : d.value,
                })}
              >
                {format.number(d[key])}
              </Link>
            ),
          })),
        ]}
      />
    </section>
  );
}
