import { Table } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue } from "../api";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Goals.module.css";
import { type Dashboard, rowsAddress } from "./query";

const tones = { YES: "good", SOMETIMES: "caution", APPROVAL: "caution", NO: "muted" } as const;

/** Why consultations do not count, the most frequent first, and whether that can still be mended. */
export function Reasons({ data, search }: { data: Dashboard; search: URLSearchParams }) {
  const { chosen } = useCatalogue();
  const { t } = useTranslation("goals");
  const format = useFormat();
  return (
    <section className={styles.card} aria-labelledby="reasons">
      <h2 id="reasons">{t("reasons.title")}</h2>
      <Table
        rowKey="code"
        size="small"
        pagination={false}
        dataSource={data.reasons}
        locale={{ emptyText: t("reasons.none") }}
        columns={[
          {
            key: "reason",
            title: t("reasons.reason"),
            render: (_, r) => (
              <>
                {chosen("count_rule", r.code)} <span className={styles.quiet}>{r.code}</span>
              </>
            ),
          },
          {
            key: "fix",
            title: t("reasons.fix"),
            render: (_, r) => <Tone kind={tones[r.fix]}>{t(`reasons.fixes.${r.fix}`)}</Tone>,
          },
          {
            key: "n",
            align: "right",
            title: t("reasons.n"),
            render: (_, r) => <Link to={rowsAddress(search, { mark: r.code })}>{format.number(r.n)}</Link>,
          },
        ]}
      />
      {data.reasons.length > 0 && <p className={styles.quiet}>{t("reasons.one")}</p>}
    </section>
  );
}
