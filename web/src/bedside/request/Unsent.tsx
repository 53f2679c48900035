import { CloudOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useServices } from "../../app/services";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { type Act, aboutOf } from "../../offline/acts";
import { useOffline } from "../../offline/useOffline";
import { Notice } from "../../theme";
import { Telephones } from "./AwayRequest";
import styles from "./Request.module.css";

/** Requests that lie on this tablet and call by themselves when the network is back; each is taken back with one tap. */
export function UnsentRequests({ only }: { only?: string }) {
  const { acts } = useOffline();
  const calls = acts.filter(
    (act): act is Extract<Act, { kind: "SUBMIT" }> =>
      act.kind === "SUBMIT" && (only === undefined || act.about.id === only),
  );
  if (calls.length === 0) return null;
  return (
    <div className={styles.unsent}>
      {calls.map((act) => (
        <UnsentRequest key={act.id} act={act} acts={acts} />
      ))}
    </div>
  );
}

function UnsentRequest({ act, acts }: { act: Extract<Act, { kind: "SUBMIT" }>; acts: readonly Act[] }) {
  const { t } = useTranslation("bedside");
  const { offline } = useServices();
  const format = useFormat();
  const now = useServerNow(60_000);
  const own = acts.filter((one) => aboutOf(one) === aboutOf(act));
  const held = own.find((one) => one.state === "HELD");
  const at = format.moment(act.at, now);
  if (held) {
    return (
      <Notice
        kind="danger"
        more={held.refusal?.problem.message}
        action={
          <Link to="/to-send">
            <Button size="large">{t("away.decide")}</Button>
          </Link>
        }
      >
        {t("away.refused", { who: act.who, at })}
      </Notice>
    );
  }
  return (
    <>
      {act.body.urgency === "CRITICAL" && <Telephones critical />}
      <Notice
        kind="paused"
        more={t("away.order", { at })}
        action={
          <Button
            size="large"
            icon={<CloudOutlined aria-hidden />}
            onClick={() => void offline.log.drop(...own.map((one) => one.id))}
          >
            {t("away.cancel")}
          </Button>
        }
      >
        {t("away.waiting", { who: act.who })}
      </Notice>
    </>
  );
}
