import { CloudOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Notice, Tone } from "../theme";
import { type Act, aboutOf, isConflict, isRepeated } from "./acts";
import { Held } from "./Held";
import styles from "./Offline.module.css";
import { Picture } from "./Picture";
import { useAway, useOffline } from "./useOffline";
import { useWords } from "./useWords";

/** Everything that this person did and the server does not have: what waits, and what needs a decision. */
function ToSendPage() {
  const { t } = useTranslation("offline");
  const { offline } = useServices();
  const { acts, open } = useOffline();
  const away = useAway();
  const abouts = groupedBy(acts, aboutOf);
  return (
    <Page
      title={t("page.title")}
      actions={
        acts.length > 0 && (
          <Button type="primary" disabled={away} onClick={offline.retry}>
            {t("page.send")}
          </Button>
        )
      }
    >
      <div className={styles.page}>
        {acts.length === 0 ? (
          <p className={styles.quiet}>{open ? t("page.none") : t("page.locked")}</p>
        ) : (
          <Notice kind={away ? "paused" : "primary"}>{away ? t("page.away") : t("page.order")}</Notice>
        )}
        {[...abouts].map(([about, group]) => (
          <section key={about} className={styles.group} aria-label={group[0]?.who ?? ""}>
            <h2>
              {group[0]?.about.kind === "visit" ? (
                <Link to={`/visits/${group[0].about.id}`}>{group[0].who}</Link>
              ) : (
                group[0]?.who
              )}
            </h2>
            <ul className={styles.rows}>
              {group.map((act) => (
                <Row key={act.id} act={act} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Page>
  );
}
export { ToSendPage as Component };

function Row({ act }: { act: Act }) {
  const { t } = useTranslation("offline");
  const format = useFormat();
  const now = useServerNow(60_000);
  const words = useWords();
  return (
    <li className={styles.row}>
      <span className={styles.line}>
        <strong>{words.what(act)}</strong>
        <span className={styles.quiet}>{format.moment(act.at, now)}</span>
        {act.state === "HELD" ? (
          <Tone kind={isConflict(act) ? "caution" : "danger"}>
            {t(isRepeated(act) ? "state.repeated" : isConflict(act) ? "state.conflict" : "state.refused")}
          </Tone>
        ) : (
          <Tone kind="muted" icon={<CloudOutlined aria-hidden />}>
            {t(act.kind === "BOOKING" ? "state.requested" : "state.waiting")}
          </Tone>
        )}
      </span>
      {act.kind === "PHOTO" && <Picture id={act.id} />}
      <Held act={act} />
    </li>
  );
}

function groupedBy<T>(of: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const out = new Map<string, T[]>();
  for (const one of of) out.set(key(one), [...(out.get(key(one)) ?? []), one]);
  return out;
}
