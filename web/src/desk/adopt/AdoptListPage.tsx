import { PhoneOutlined, RightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { StateTag } from "../../admin/StateTag";
import { type LogRow, useCatalogue, useRead, type Worklist } from "../../api";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { hasRole, useMe } from "../../auth/useSession";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { UrgencyTag } from "../../theme";
import { Panel } from "../parts/Panel";
import { dayOf } from "../../dates";
import styles from "./Adopt.module.css";

/** The attending doctor's home: opinions to adopt first, then what is on its way and what was today. */
function AdoptListPage() {
  const { t } = useTranslation("desk");
  const navigate = useNavigate();
  const me = useMe();
  const worklist = useRead("/api/v1/worklist");
  return (
    <Page
      title={t("adopt.title")}
      actions={
        hasRole(me, "NURSE", "ATTENDING") && (
          <Button icon={<PhoneOutlined aria-hidden />} onClick={() => void navigate("/ward")}>
            {t("adopt.start")}
          </Button>
        )
      }
    >
      <Panel title={t("adopt.toAdopt")}>
        <Loaded query={worklist}>
          {({ toAdopt }) => <Rows rows={toAdopt} empty={t("adopt.toAdoptNone")} act="adopt" />}
        </Loaded>
      </Panel>
      <Panel title={t("adopt.active")}>
        <Loaded query={worklist}>
          {({ active, toAdopt }) => (
            <Rows rows={without(active, toAdopt)} empty={t("adopt.activeNone")} act="request" />
          )}
        </Loaded>
      </Panel>
      <Today above={worklist.data} />
    </Page>
  );
}
export { AdoptListPage as Component };

/** Rows that are not in the other lists, so that one consultation stands on the page once, where it is acted on. */
export function without(rows: readonly LogRow[], ...others: (readonly LogRow[])[]): LogRow[] {
  const there = new Set(others.flat().map((row) => row.id));
  return rows.filter((row) => !there.has(row.id));
}

function Today({ above }: { above: Worklist | undefined }) {
  const { t } = useTranslation("desk");
  const day = dayOf(useServerNow(60_000));
  const log = useRead(
    "/api/v1/consultations",
    { query: { from: day, to: day, limit: 50 } },
    { keepPrevious: true },
  );
  return (
    <Panel title={t("adopt.today")}>
      <Loaded query={log}>
        {({ rows }) => (
          <Rows
            rows={without(rows, above?.toAdopt ?? [], above?.active ?? [])}
            empty={t("adopt.todayNone")}
            act="record"
          />
        )}
      </Loaded>
    </Panel>
  );
}

function View({ to, who }: { to: string; who: string }) {
  const { t } = useTranslation("desk");
  return (
    <Link to={to} aria-label={t("adopt.viewFor", { who })}>
      {t("adopt.view")}
      <RightOutlined aria-hidden />
    </Link>
  );
}

function Rows({
  rows,
  empty,
  act,
}: {
  rows: readonly LogRow[];
  empty: string;
  act: "adopt" | "request" | "record";
}) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { labels } = useCatalogue();
  const navigate = useNavigate();
  if (rows.length === 0) return <p className={styles.quiet}>{empty}</p>;
  return (
    <ul className={styles.rows}>
      {rows.map((row) => {
        const who = t("bedAndName", { bed: row.bed, name: row.residentName });
        const house = [row.hospital, row.department].filter(Boolean).join(" ");
        return (
          <li key={row.id} className={styles.row}>
            <span className={styles.tags}>
              <UrgencyTag urgency={row.urgency} />
              <StateTag state={row.state} />
            </span>
            <span>
              <strong>{who}</strong> {format.sex(row.sex)} {format.age(row.age)}
            </span>
            <span>
              {labels("reasons", row.reasons).join(t("listSeparator"))}
              {row.diagnosis && <span className={styles.quiet}> {row.diagnosis}</span>}
            </span>
            <span className={styles.quiet}>
              {row.doctor && t("adopt.reportedBy", { doctor: row.doctor, house })}{" "}
              {format.moment(row.endedAt ?? row.submittedAt ?? row.createdAt, now)}
            </span>
            <span className={styles.act}>
              {act === "adopt" ? (
                <Button
                  type="primary"
                  aria-label={t("adopt.openFor", { who })}
                  onClick={() => void navigate(`/adopt/${row.id}`)}
                >
                  {t("adopt.open")}
                </Button>
              ) : (
                <View
                  to={act === "request" ? `/ward/requests/${row.id}` : `/consultations/${row.id}`}
                  who={who}
                />
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
