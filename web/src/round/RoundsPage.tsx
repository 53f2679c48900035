import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { dayAfter, useToday } from "../dates";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Round.module.css";
import { roundTone } from "./tone";

/** Rounds of yesterday and of the next two weeks. */
function RoundsPage() {
  const { t } = useTranslation("round");
  const { chosen } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const today = useToday();
  const list = useRead(
    "/api/v1/rounds",
    { query: { from: dayAfter(today, { days: -1 }), to: dayAfter(today, { days: 14 }) } },
    { refetchInterval: 60_000 },
  );
  return (
    <Page
      title={t("title")}
      actions={
        <Link to="/rounds/new">
          <Button type="primary" icon={<PlusOutlined aria-hidden />}>
            {t("plan")}
          </Button>
        </Link>
      }
    >
      <Loaded query={list}>
        {(rounds) =>
          rounds.length === 0 ? (
            <p className={styles.quiet}>{t("none")}</p>
          ) : (
            <ul className={styles.list}>
              {rounds.map((r) => (
                <li key={r.id}>
                  <Link to={`/rounds/${r.id}`} className={styles.row}>
                    <span className={styles.line}>
                      <Tone kind={roundTone[r.state]}>{chosen("round_state", r.state)}</Tone>
                      <strong className={styles.name}>{format.moment(r.startsAt, now)}</strong>
                      <span>{r.organisation}</span>
                    </span>
                    <span className={styles.quiet}>
                      {t("who", r)} ·{" "}
                      {r.called > 0
                        ? t("seen", { called: r.called, n: r.residents })
                        : t("count", { n: r.residents })}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}
export { RoundsPage as Component };
