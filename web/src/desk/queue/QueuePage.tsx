import { PhoneOutlined } from "@ant-design/icons";
import { Button, Skeleton } from "antd";
import { type KeyboardEvent, useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { type Queue, type QueueItem, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { useServerNow } from "../../clock/useServerNow";
import { usePresence } from "../../signaling";
import { useRings } from "../ring/useRings";
import { useSoundLock } from "../ring/useSoundLock";
import { AskedToTakeOver } from "../../life/HandOver";
import { FactorDialog } from "../../life/FactorDialog";
import { CasePreview } from "./CasePreview";
import { DeclineButton } from "./DeclineButton";
import { ringLeft } from "./pace";
import { PresenceSwitch } from "./PresenceSwitch";
import styles from "./Queue.module.css";
import { QueueRow, type RowKind } from "./QueueRow";
import { moved } from "./selection";
import { type ClaimNotice, useClaim } from "./useClaim";
import { Notice } from "../../theme";

/** The doctor's home: who waits, in the order of the server, and one thing to do for each. */
function QueuePage() {
  const { t } = useTranslation("desk");
  const queue = useRead("/api/v1/queue", {}, { refetchInterval: 30_000 });
  // Answering must not wait for the next page's code.
  useEffect(() => void import("../work/WorkPage"), []);
  return (
    <Page title={t("queue.title")} actions={<PresenceSwitch />}>
      <Counters queue={queue.data} />
      <Loaded query={queue} skeleton={<Skeleton active title={false} paragraph={{ rows: 8 }} />}>
        {(data) => <Lists queue={data} />}
      </Loaded>
    </Page>
  );
}
export { QueuePage as Component };

function Counters({ queue }: { queue: Queue | undefined }) {
  const { t } = useTranslation("desk");
  const followUps = useRead("/api/v1/worklist").data?.followUps.length;
  return (
    <div className={styles.counters}>
      <span data-alarm={(queue?.waiting.length ?? 0) > 0}>
        {t("queue.counters.waiting", { n: queue?.waiting.length ?? 0 })}
      </span>
      <span>{t("queue.counters.mine", { n: queue?.mine.length ?? 0 })}</span>
      <Link to="/follow-ups">{t("queue.counters.followUps", { n: followUps ?? 0 })}</Link>
      <span className={styles.hint}>{t("queue.hint")}</span>
    </div>
  );
}

interface Row {
  item: QueueItem;
  kind: RowKind;
}

/** An opinion that is still to be written: somebody who waits for an answer comes first. */
const toWrite = (item: QueueItem) => item.state === "REPORT_PENDING" || item.mode === "WRITTEN";

/** A question that is answered in writing rings nobody and has a place of its own. */
const written = (item: QueueItem) => item.mode === "WRITTEN";
const spoken = (item: QueueItem) => !written(item);

function Lists({ queue }: { queue: Queue }) {
  const { t } = useTranslation(["desk", "life"]);
  const navigate = useNavigate();
  const { claim, claiming, notice, tell, asking, setAsking } = useClaim();
  const { rings, silence } = useRings();
  const [chosen, setChosen] = useState<{ id: string; kind: RowKind }>();
  useArrivalNotice(tell);

  const rows: Row[] = [
    ...queue.mine.filter((item) => !toWrite(item)).map((item) => ({ item, kind: "mine" as const })),
    ...queue.waiting.filter(spoken).map((item) => ({ item, kind: "waiting" as const })),
    ...queue.waiting.filter(written).map((item) => ({ item, kind: "waiting" as const })),
    ...queue.mine.filter(toWrite).map((item) => ({ item, kind: "mine" as const })),
    ...queue.taken.map((item) => ({ item, kind: "taken" as const })),
  ];
  const ids = rows.map((r) => r.item.id);
  // The first who waits is chosen until the doctor chooses; a row that is gone, or a colleague's now, hands over to it too.
  const kept = rows.some((r) => r.item.id === chosen?.id && r.kind === chosen.kind);
  const selected = kept ? chosen?.id : (queue.waiting[0]?.id ?? rows[0]?.item.id);
  const current = rows.find((r) => r.item.id === selected);
  const nameOf = (item: QueueItem) => t("bedAndName", { bed: item.resident.bed, name: item.resident.name });

  const act = ({ item, kind }: Row) => {
    if (kind === "mine") void navigate(`/work/${item.id}`);
    else if (kind === "waiting") claim(item, nameOf(item));
  };
  const onKey = (event: Pick<KeyboardEvent, "key" | "target" | "preventDefault">) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = moved(ids, selected, event.key === "ArrowDown" ? 1 : -1);
      const row = rows.find((r) => r.item.id === next);
      if (!row) return;
      event.preventDefault();
      setChosen({ id: row.item.id, kind: row.kind });
      document.getElementById(`row-${row.item.id}`)?.focus();
    } else if (event.key === "Enter" && current && !inControl(event.target)) {
      event.preventDefault();
      act(current);
    }
  };
  usePageKeys(onKey);

  const group = (
    kind: RowKind,
    which: (item: QueueItem) => boolean = () => true,
    title: RowKind | "written" = kind,
  ) => {
    const own = rows.filter((r) => r.kind === kind && which(r.item));
    if (own.length === 0) return null;
    return (
      <div role="rowgroup" aria-label={t(`queue.groups.${title}`)} className={styles.group}>
        <h2 className={styles.groupTitle} aria-hidden>
          {t(`queue.groups.${title}`)}
        </h2>
        {own.map(({ item }) => (
          <QueueRow
            key={item.id}
            item={item}
            kind={kind}
            selected={item.id === selected}
            ringing={kind === "waiting" && rings.ringing.some((r) => r.consultationId === item.id)}
            busy={claiming === item.id}
            blocked={claiming !== undefined && claiming !== item.id}
            onSelect={() => setChosen({ id: item.id, kind })}
            onAct={() => act({ item, kind })}
            onDeclined={(declined) =>
              tell({ kind: "claimed", text: t("queue.declined", { who: nameOf(declined) }) })
            }
          />
        ))}
      </div>
    );
  };

  return (
    <>
      {asking && (
        <FactorDialog
          consultationId={asking.item.id}
          onClose={() => setAsking(undefined)}
          onConfirmed={() => {
            setAsking(undefined);
            claim(asking.item, asking.who);
          }}
        />
      )}
      <div role="status" className={styles.notices}>
        {notice && <Notice kind={notice.kind}>{notice.text}</Notice>}
        {queue.handOvers?.map((one) => (
          <AskedToTakeOver
            key={one.consultationId}
            of={one}
            who={t("bedAndName", { bed: one.resident.bed, name: one.resident.name })}
          />
        ))}
        <RingNotice
          queue={queue}
          silence={silence}
          nameOf={nameOf}
          busy={claiming !== undefined}
          onAnswer={(item) => claim(item, nameOf(item))}
        />
      </div>
      {rows.length === 0 ? (
        <Empty />
      ) : (
        <div role="grid" aria-label={t("queue.list")} className={styles.list}>
          {group("mine", (item) => !toWrite(item))}
          {group("waiting", spoken)}
          {!queue.waiting.some(spoken) && <Empty />}
          {group("waiting", written, "written")}
          {group("mine", toWrite)}
          {group("taken")}
        </div>
      )}
      {current && current.kind !== "taken" && (
        <div className={styles.preview}>
          <CasePreview
            item={current.item}
            onReturned={() => tell({ kind: "caution", text: t("life:giveBack.done") })}
          />
        </div>
      )}
    </>
  );
}

function Empty() {
  const { t } = useTranslation("desk");
  const { presence } = usePresence();
  const deaf = presence && presence.state !== "AVAILABLE" && presence.state !== "IN_CALL";
  return (
    <div className={styles.empty}>
      <strong>{t("queue.empty")}</strong>
      <span className={styles.quiet}>{deaf ? t("queue.emptyOff") : t("queue.emptyHint")}</span>
    </div>
  );
}

/** That it rings, with a way to make it quiet, or to make it heard where the browser holds the sound back. */
function RingNotice({
  queue,
  silence,
  nameOf,
  busy,
  onAnswer,
}: {
  queue: Queue;
  silence: (id: string) => void;
  nameOf: (item: QueueItem) => string;
  busy: boolean;
  onAnswer: (item: QueueItem) => void;
}) {
  const { t } = useTranslation("desk");
  const { rings } = useRings();
  const { unlocked, unlock } = useSoundLock();
  const heard = queue.waiting.filter(
    (item) => rings.ringing.some((r) => r.consultationId === item.id) && !rings.silenced.includes(item.id),
  );
  const [first] = heard;
  if (!first) return null;
  return (
    <>
      {!unlocked && (
        <Notice kind="caution" action={<Button onClick={unlock}>{t("ring.unblock")}</Button>}>
          {t("ring.blocked")}
        </Notice>
      )}
      <Notice
        kind="ring"
        more={<RingLeft until={first.ringingUntil} />}
        action={
          <span className={styles.acts}>
            <Button
              onClick={() => {
                for (const item of heard) silence(item.id);
              }}
            >
              {t("ring.silence")}
            </Button>
            {heard.length === 1 && <DeclineButton item={first} who={nameOf(first)} />}
            {heard.length === 1 && (
              <Button
                type="primary"
                icon={<PhoneOutlined aria-hidden />}
                disabled={busy}
                aria-description={nameOf(first)}
                onClick={() => onAnswer(first)}
              >
                {t("ring.answer")}
              </Button>
            )}
          </span>
        }
      >
        {heard.length === 1
          ? t("ring.banner", { who: nameOf(first) })
          : t("ring.bannerMany", { who: nameOf(first), n: heard.length })}
      </Notice>
    </>
  );
}

/** How long it still rings before it rings the next; counted, therefore not for a screen reader. */
function RingLeft({ until }: { until: string | undefined }) {
  const { t } = useTranslation("desk");
  const left = ringLeft(until, useServerNow(500));
  return left === undefined ? null : <span aria-hidden>{t("ring.left", { n: left })}</span>;
}

/** What another page wanted to be said here, once. */
function useArrivalNotice(tell: (notice: ClaimNotice) => void): void {
  const location = useLocation();
  const navigate = useNavigate();
  const state = location.state as { notice?: ClaimNotice } | null;
  const say = useEffectEvent(() => {
    if (!state?.notice) return;
    tell(state.notice);
    void navigate(location.pathname, { replace: true, state: null });
  });
  useEffect(() => say(), [state]);
}

/** Arrow keys and Enter work wherever the focus is, except in fields, buttons, menus and dialogs. */
function usePageKeys(onKey: (event: globalThis.KeyboardEvent & { target: EventTarget }) => void): void {
  const latest = useEffectEvent(onKey);
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      const { target } = event;
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || !target) return;
      if (event.key !== "Enter" && inControl(target) && !(target as Element).closest("[role=row]")) return;
      if ((target as Element).closest?.("[role=dialog], [role=menu], input, textarea")) return;
      latest(event as globalThis.KeyboardEvent & { target: EventTarget });
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

function inControl(target: EventTarget): boolean {
  return (
    target instanceof Element &&
    target.closest("button, a, input, textarea, select, [role=menuitem]") !== null
  );
}
