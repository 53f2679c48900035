import { Button, Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { VisitRow } from "./parts";
import styles from "./Visits.module.css";

/** The stages of a visit as the people who work on it see them. */
const stages = {
  ASSESS: ["REQUESTED"],
  BOOK: ["ASSESSED"],
  BOOKED: ["BOOKED", "EN_ROUTE", "ARRIVED"],
  RECORD: ["LEFT"],
  OVER: ["DONE", "NOT_DONE", "DECLINED", "CANCELLED"],
} as const;
type Stage = keyof typeof stages;

/** Visits by what is to be done with them next. */
function VisitsPage() {
  const { t } = useTranslation("visits");
  const me = useMe();
  const [search, setSearch] = useSearchParams();
  const first: Stage = hasRole(me, "FAMILY_DOCTOR") ? "ASSESS" : "BOOKED";
  const asked = search.get("stage") as Stage | null;
  const stage = asked && asked in stages ? asked : first;
  const page = Number(search.get("page") ?? "1") || 1;
  const list = useRead(
    "/api/v1/visits",
    { query: { states: [...stages[stage]], page } },
    { keepPrevious: true, refetchInterval: 60_000 },
  );
  return (
    <Page
      title={t("title")}
      actions={
        <Segmented
          value={stage}
          onChange={(value) => setSearch({ stage: value })}
          options={(Object.keys(stages) as Stage[]).map((value) => ({ value, label: t(`stages.${value}`) }))}
        />
      }
    >
      <Loaded query={list}>
        {(data) =>
          data.visits.length === 0 ? (
            <p className={styles.quiet}>{t("none")}</p>
          ) : (
            <>
              <ul className={styles.list}>
                {data.visits.map((v) => (
                  <VisitRow key={v.id} of={v} />
                ))}
              </ul>
              <div className={styles.acts}>
                {page > 1 && (
                  <Button onClick={() => setSearch({ stage, page: String(page - 1) })}>{t("more")} ←</Button>
                )}
                {data.more && (
                  <Button onClick={() => setSearch({ stage, page: String(page + 1) })}>{t("more")} →</Button>
                )}
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
export { VisitsPage as Component };
