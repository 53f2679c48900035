import { CalendarOutlined, IdcardOutlined, SearchOutlined, VideoCameraOutlined } from "@ant-design/icons";
import { Button, Empty, Input, Skeleton } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type ResidentCard, type State, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Tone } from "../../theme";
import { Panel } from "../parts/Panel";
import { Portrait } from "../parts/Portrait";
import { ResidentFlags } from "../parts/ResidentFlags";
import { Choice } from "../parts/Choice";
import { isOngoing, progressOf } from "../request/progress";
import styles from "./Grid.module.css";
import { byBed, findResidents } from "./search";

/** All residents as large cards. A tap begins a request, or goes on with the one that is open. */
export function ResidentGrid() {
  const { t } = useTranslation("bedside");
  const residents = useRead("/api/v1/residents");
  const [typed, setTyped] = useState("");
  const [ward, setWard] = useState("");
  const sorted = useMemo(() => residents.data?.toSorted(byBed) ?? [], [residents.data]);
  const wards = useMemo(() => [...new Set(sorted.map((r) => r.ward))], [sorted]);
  return (
    <Panel
      quiet
      title={residents.data ? t("ward.residents", { n: residents.data.length }) : t("ward.list")}
      aside={
        <div className={styles.tools}>
          {wards.length > 1 && (
            <div role="group" aria-label={t("ward.wards")} className={styles.wards}>
              {wards.map((name) => (
                <Choice key={name} chosen={ward === name} onClick={() => setWard(ward === name ? "" : name)}>
                  {name}
                </Choice>
              ))}
            </div>
          )}
          <Input
            className={styles.search}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            prefix={<SearchOutlined aria-hidden />}
            placeholder={t("ward.searchHint")}
            aria-label={t("ward.search")}
            type="search"
            autoComplete="off"
            maxLength={30}
            allowClear
          />
        </div>
      }
    >
      <Loaded query={residents} skeleton={<Waiting />}>
        {(list) => {
          const shown = findResidents(ward ? sorted.filter((r) => r.ward === ward) : sorted, typed);
          if (list.length === 0) return <Empty description={t("ward.empty")} />;
          if (shown.length === 0) {
            return (
              <Empty description={t("ward.noneFound", { typed })}>
                <Button
                  onClick={() => {
                    setTyped("");
                    setWard("");
                  }}
                >
                  {t("ward.showAll")}
                </Button>
              </Empty>
            );
          }
          return (
            <ul className={styles.grid} aria-label={t("ward.list")}>
              {shown.map((resident) => (
                <Card key={resident.id} of={resident} />
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Card({ of }: { of: ResidentCard }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const target = of.openConsultationId
    ? `/ward/requests/${of.openConsultationId}`
    : `/ward/residents/${of.id}/request`;
  const who = { bed: of.bed, name: of.name };
  return (
    <li className={styles.card} data-open={of.openState ? progressOf(of.openState) : undefined}>
      <Link
        className={styles.main}
        to={target}
        aria-label={of.openConsultationId ? t("ward.goOnFor", who) : t("ward.callFor", who)}
      >
        <Portrait id={of.portraitId} name={of.name} />
        <span className={styles.words}>
          <span className={styles.bed}>{t("resident.bed", { bed: of.bed })}</span>
          <span className={styles.name}>{of.name}</span>
          <span className={styles.quiet}>
            {format.sex(of.sex)} {format.age(of.age)}
          </span>
        </span>
        <span className={styles.flags}>
          <ResidentFlags of={of} most={3} />
        </span>
      </Link>
      <div className={styles.foot}>
        <Footing of={of} />
        <Link className={styles.file} to={`/ward/residents/${of.id}`} aria-label={t("ward.fileOf", who)}>
          <IdcardOutlined aria-hidden /> {t("ward.file")}
        </Link>
      </div>
    </li>
  );
}

/** What is due, else what is open, else the last consultation. */
function Footing({ of }: { of: ResidentCard }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <span className={styles.footing}>
      {of.openState && <OpenState state={of.openState} />}
      {of.followUpDueOn && (
        <Tone kind="caution" icon={<CalendarOutlined aria-hidden />}>
          {t("ward.followUpDue", { day: format.day(of.followUpDueOn, now) })}
        </Tone>
      )}
      {!of.openState && !of.followUpDueOn && (
        <span className={styles.quiet}>
          {of.lastConsultationAt
            ? t("ward.last", { day: format.day(of.lastConsultationAt, now) })
            : t("ward.never")}
        </span>
      )}
    </span>
  );
}

/** A request that is under way, in words. */
export function OpenState({ state }: { state: State }) {
  const { t } = useTranslation("bedside");
  return (
    <Tone kind={isOngoing(state) ? "primary" : "muted"} icon={<VideoCameraOutlined aria-hidden />}>
      {t(`progress.${progressOf(state)}`)}
    </Tone>
  );
}

function Waiting() {
  return (
    <div className={styles.grid}>
      {Array.from({ length: 6 }, (_, i) => (
        <div key={i} className={styles.card}>
          <div className={styles.main}>
            <Skeleton active avatar={{ shape: "square", size: 64 }} paragraph={{ rows: 2 }} />
          </div>
        </div>
      ))}
    </div>
  );
}
