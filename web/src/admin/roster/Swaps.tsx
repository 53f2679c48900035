import { CheckOutlined, ClockCircleOutlined, CloseOutlined, RollbackOutlined } from "@ant-design/icons";
import { App, Button, Popconfirm } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useErrorText, useRead } from "../../api";
import type { Schemas } from "../../api/types";
import { Loaded } from "../../app/Loaded";
import { useServerNow } from "../../clock/useServerNow";
import { Panel } from "../../desk/parts/Panel";
import { useFormat } from "../../i18n/useFormat";
import { Tone, type ToneKind } from "../../theme";
import styles from "./Roster.module.css";
import { instant, longTimes, plusDays } from "./week";

type Swap = Schemas["DutySwap"];

/** Open requests first, of them those that wait for the reader's own answer; then what was settled, the newest first. */
export function inOrder(swaps: readonly Swap[]): Swap[] {
  const place = (s: Swap) => (s.state !== "OPEN" ? 2 : s.canAccept ? 0 : 1);
  return swaps.toSorted(
    (a, b) => place(a) - place(b) || Date.parse(b.requestedAt) - Date.parse(a.requestedAt),
  );
}

/** Who asks whom to take which shift, and the answers. */
export function Swaps({ today, onChanged }: { today: string; onChanged: () => void }) {
  const { t } = useTranslation("admin");
  const swaps = useRead(
    "/api/v1/duty-swaps",
    { query: { from: instant(plusDays(today, -14), "00:00"), to: instant(plusDays(today, 60), "00:00") } },
    { refetchInterval: 60_000 },
  );
  const changed = () => {
    void swaps.refetch();
    onChanged();
  };
  return (
    <Panel title={t("swaps.title")}>
      <Loaded query={swaps}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("swaps.none")}</p>
          ) : (
            <ul className={styles.swaps}>
              {inOrder(rows).map((swap) => (
                <SwapRow key={swap.id} of={swap} onChanged={changed} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

const looks: Record<Swap["state"], [ToneKind, ReactNode]> = {
  OPEN: ["caution", <ClockCircleOutlined key="i" />],
  ACCEPTED: ["good", <CheckOutlined key="i" />],
  DECLINED: ["muted", <CloseOutlined key="i" />],
  WITHDRAWN: ["muted", <RollbackOutlined key="i" />],
  EXPIRED: ["muted", <ClockCircleOutlined key="i" />],
};

function SwapRow({ of, onChanged }: { of: Swap; onChanged: () => void }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const options = {
    onSuccess: onChanged,
    onError: (error: Error) => {
      void message.error(errorText(error));
      onChanged();
    },
  };
  const accept = useCommand("post", "/api/v1/duty-swaps/{id}/accept", options);
  const decline = useCommand("post", "/api/v1/duty-swaps/{id}/decline", options);
  const withdraw = useCommand("post", "/api/v1/duty-swaps/{id}/withdraw", options);
  const path = { id: of.id };
  const times = ({ startsAt, endsAt, departmentName }: Schemas["SwapShift"]) =>
    [
      `${format.day(startsAt, now)} ${longTimes(format.clock(startsAt), format.clock(endsAt), (time) => t("roster.nextDay", { time }))}`,
      departmentName,
    ]
      .filter(Boolean)
      .join(" ");
  const [kind, icon] = looks[of.state];
  const shift = times(of.shift);
  return (
    <li className={styles.swap} data-state={of.state}>
      <Tone kind={kind} icon={icon}>
        {t(`swaps.states.${of.state}`)}
      </Tone>
      <span className={styles.words}>
        <strong>
          {of.toUserName
            ? t("swaps.asks", { name: of.requestedByName, to: of.toUserName, shift })
            : t("swaps.asksAll", { name: of.requestedByName, shift })}
        </strong>
        {of.exchange && <span>{t("swaps.inExchange", { shift: times(of.exchange) })}</span>}
        {of.note && <span className={styles.quiet}>{of.note}</span>}
        <span className={styles.quiet}>
          {of.answeredByName && of.answeredAt
            ? t("swaps.answered", {
                name: of.answeredByName,
                time: format.moment(of.answeredAt, now),
              })
            : format.ago(of.requestedAt, now)}
        </span>
      </span>
      <span className={styles.weeks}>
        {of.canDecline && (
          <Button loading={decline.isPending} onClick={() => decline.mutate({ path })}>
            {t("swaps.decline")}
          </Button>
        )}
        {of.canWithdraw && (
          <Button loading={withdraw.isPending} onClick={() => withdraw.mutate({ path })}>
            {t("swaps.withdraw")}
          </Button>
        )}
        {of.canAccept && (
          <Popconfirm
            title={t("swaps.acceptAsk", { shift })}
            okText={t("swaps.accept")}
            onConfirm={() => accept.mutate({ path })}
          >
            <Button type="primary" loading={accept.isPending}>
              {t("swaps.accept")}
            </Button>
          </Popconfirm>
        )}
      </span>
    </li>
  );
}
