import { Table } from "antd";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Panel.module.css";

/** The campaign's target to the end of 2027, as the indicator carries it. */
const target = 80;

/** How contracts cover the residents of each institution today. */
export function Coverage() {
  const { t } = useTranslation("panel");
  const format = useFormat();
  const coverage = useRead("/api/v1/fd-coverage");
  return (
    <Loaded query={coverage}>
      {(rows) => (
        <div className={styles.stack}>
          <p className={styles.quiet}>{t("coverage.definition")}</p>
          <Table<Schemas["FdCoverage"]>
            rowKey="organisationId"
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("coverage.none") }}
            columns={[
              { key: "name", title: t("coverage.institution"), render: (_, r) => r.organisation },
              {
                key: "residents",
                align: "right",
                title: t("coverage.residents"),
                render: (_, r) => format.number(r.residents),
              },
              {
                key: "contracted",
                align: "right",
                title: t("coverage.contracted"),
                render: (_, r) => format.number(r.contracted),
              },
              {
                key: "special",
                align: "right",
                title: t("coverage.special"),
                render: (_, r) => format.number(r.special),
              },
              {
                key: "covered",
                align: "right",
                title: t("coverage.covered"),
                render: (_, r) => format.number(r.covered),
              },
              {
                key: "rate",
                title: t("coverage.rate"),
                render: (_, r) =>
                  r.special === 0 ? (
                    "–"
                  ) : (
                    <span className={styles.line}>
                      <strong>{format.number((100 * r.covered) / r.special, 1)}%</strong>
                      <Tone kind={100 * r.covered >= target * r.special ? "good" : "caution"}>
                        {t("coverage.target")}
                      </Tone>
                    </span>
                  ),
              },
              {
                key: "ending",
                align: "right",
                title: t("coverage.ending"),
                render: (_, r) => format.number(r.ending),
              },
            ]}
          />
        </div>
      )}
    </Loaded>
  );
}
