import { Table } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue, useRead } from "../../api";
import type { Schemas } from "../../api/types";
import { Loaded } from "../../app/Loaded";
import { useFormat } from "../../i18n/useFormat";
import { Tone } from "../../theme";
import styles from "./Organisation.module.css";

type Expiry = Schemas["Expiry"];

/** What ends within 90 days or is over, and what to do about it. */
export function Expiries({ onOpen }: { onOpen: (organisationId: string) => void }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const { chosen } = useCatalogue();
  const list = useRead("/api/v1/expiries");
  const name = (e: Expiry) => {
    if (e.kind === "AGREEMENT") return `${t("expiries.kinds.AGREEMENT")} ${e.number}`;
    if (e.kind === "DECLARATION")
      return `${t("expiries.kinds.DECLARATION")} ${chosen("declaration", e.what)} ${e.number}`;
    const what = e.what as "MEDICAL_PRACTICE" | "PHYSICIAN";
    return `${e.kind === "LICENCE" ? t(`system.licenceKinds.${what as "MEDICAL_PRACTICE"}`) : t(`people.kinds.${what as "PHYSICIAN"}`)} ${e.number}`;
  };
  return (
    <div className={styles.stack}>
      <p className={styles.quiet}>{t("expiries.note")}</p>
      <Loaded query={list}>
        {(rows) => (
          <Table<Expiry>
            rowKey="id"
            size="middle"
            pagination={rows.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("expiries.none") }}
            columns={[
              {
                title: t("expiries.left"),
                render: (_, e) => (
                  <Tone kind={e.stage === 0 || e.stage === 30 ? "danger" : "caution"}>
                    {e.days < 0 ? t("expiries.over", { n: -e.days }) : t("organisation.left", { n: e.days })}
                  </Tone>
                ),
              },
              { title: t("expiries.endsOn"), render: (_, e) => format.day(e.endsOn, new Date(0)) },
              { title: t("expiries.what"), render: (_, e) => <strong>{name(e)}</strong> },
              {
                title: t("expiries.whose"),
                render: (_, e) => [e.person, e.organisation, e.other].filter(Boolean).join(" · "),
              },
              {
                title: t("expiries.how"),
                render: (_, e) =>
                  e.kind === "LICENCE" || e.kind === "DECLARATION" ? (
                    <a
                      href="#licences"
                      onClick={(event) => {
                        event.preventDefault();
                        onOpen(e.organisationId);
                      }}
                    >
                      {t(e.kind === "LICENCE" ? "expiries.openOrganisation" : "expiries.declareAgain")}
                    </a>
                  ) : e.kind === "PROFESSIONAL" && e.userId ? (
                    <Link to={`/people?licences=${e.userId}`}>{t("expiries.openPerson")}</Link>
                  ) : (
                    t(`expiries.mend.${e.kind}`)
                  ),
              },
            ]}
          />
        )}
      </Loaded>
    </div>
  );
}
