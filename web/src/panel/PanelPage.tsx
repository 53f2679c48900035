import { CalendarOutlined, PhoneOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, Radio, Select } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useCatalogue, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useUpcoming } from "../booking/useUpcoming";
import { useServerNow } from "../clock/useServerNow";
import { useDay } from "../i18n/useDay";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import styles from "./Panel.module.css";
import { bookingAddress, ContractState, Groups, PlanLine, type Resident } from "./parts";
import { RecallDialog } from "./RecallDialog";

/** Whom the team looks after, who is longest overdue first. What is looked at stands in the address. */
function PanelPage() {
  const { t } = useTranslation("panel");
  const panel = useRead("/api/v1/panel", {}, { refetchInterval: 300_000 });
  return (
    <Page title={t("panel.title")}>
      <Loaded query={panel}>{(data) => <Shown panel={data} />}</Loaded>
    </Page>
  );
}
export { PanelPage as Component };

function Shown({ panel }: { panel: Schemas["Panel"] }) {
  const { t } = useTranslation("panel");
  const { choices } = useCatalogue();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [recalling, setRecalling] = useState(false);
  const due = search.get("due") ?? "";
  const group = search.get("group") ?? "";
  const plan = search.get("plan") ?? "";
  const words = search.get("q") ?? "";
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  const upcoming = useUpcoming();
  const rows = useMemo(
    () =>
      panel.residents.filter(
        (r) =>
          (!due || (due === "OPEN" ? r.due === "OVERDUE" || r.due === "DUE" : r.due === due)) &&
          (!group || r.groups.includes(group)) &&
          (!plan || r.plans.some((p) => p.plan === plan)) &&
          (!words || `${r.name} ${r.home} ${r.bed}`.includes(words.trim())),
      ),
    [panel.residents, due, group, plan, words],
  );
  if (panel.teams.length === 0) return <Notice kind="caution">{t("panel.noTeam")}</Notice>;
  if (panel.residents.length === 0) return <p className={styles.quiet}>{t("panel.none")}</p>;
  const picked = panel.residents.filter((r) => chosen.has(r.residentId));
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const known = new Set(panel.residents.flatMap((r) => r.plans.map((p) => p.plan)));
  const allShown = rows.length > 0 && rows.every((r) => chosen.has(r.residentId));
  return (
    <>
      <p>
        {t("panel.counts", {
          n: panel.residents.length,
          overdue: panel.residents.filter((r) => r.due === "OVERDUE").length,
          due: panel.residents.filter((r) => r.due === "DUE").length,
        })}
      </p>
      <div className={styles.filters}>
        <Checkbox
          checked={allShown}
          indeterminate={!allShown && rows.some((r) => chosen.has(r.residentId))}
          onChange={() => setChosen(new Set(allShown ? [] : rows.map((r) => r.residentId)))}
        >
          {t("panel.chooseAll")}
        </Checkbox>
        <Radio.Group
          optionType="button"
          aria-label={t("panel.due")}
          value={due}
          onChange={(event) => set("due", String(event.target.value))}
          options={[{ value: "", label: t("panel.all") }, ...choices("plan_due")]}
        />
        <Select
          aria-label={t("panel.group")}
          allowClear
          placeholder={t("panel.group")}
          value={group || null}
          onChange={(value) => set("group", value ?? "")}
          options={choices("risk_group")}
          popupMatchSelectWidth={false}
          style={{ minWidth: "9rem" }}
        />
        <Select
          aria-label={t("panel.plan")}
          allowClear
          placeholder={t("panel.plan")}
          value={plan || null}
          onChange={(value) => set("plan", value ?? "")}
          options={choices("plan_kind").filter((option) => known.has(option.value))}
          popupMatchSelectWidth={false}
          style={{ minWidth: "10rem" }}
        />
        <Input.Search
          className={styles.search ?? ""}
          allowClear
          aria-label={t("panel.search")}
          placeholder={t("panel.search")}
          defaultValue={words}
          onChange={(event) => set("q", event.target.value)}
        />
      </div>
      {rows.length === 0 ? (
        <p className={styles.quiet}>{t("panel.nobody")}</p>
      ) : (
        <ul className={styles.rows}>
          {rows.map((r) => (
            <Row
              key={r.residentId}
              of={r}
              booked={upcoming.get(r.residentId)}
              chosen={chosen.has(r.residentId)}
              onToggle={() => toggle(r.residentId)}
            />
          ))}
        </ul>
      )}
      {picked.length > 0 && (
        <div className={styles.bulk} role="region" aria-label={t("panel.chosen", { n: picked.length })}>
          <strong>{t("panel.chosen", { n: picked.length })}</strong>
          <Button
            type="primary"
            icon={<CalendarOutlined aria-hidden />}
            onClick={() => void navigate(bookingAddress(picked))}
          >
            {t("panel.bookAll")}
          </Button>
          <Button icon={<PhoneOutlined aria-hidden />} onClick={() => setRecalling(true)}>
            {t("panel.recall")}
          </Button>
          <Button type="text" onClick={() => setChosen(new Set())}>
            {t("panel.clear")}
          </Button>
        </div>
      )}
      {recalling && (
        <RecallDialog teams={panel.teams} residents={picked} onClose={() => setRecalling(false)} />
      )}
    </>
  );
}

function Row({
  of,
  booked,
  chosen,
  onToggle,
}: {
  of: Resident;
  /** when an appointment is to come */
  booked: string | undefined;
  chosen: boolean;
  onToggle: () => void;
}) {
  const { t } = useTranslation("panel");
  const format = useFormat();
  const day = useDay();
  const navigate = useNavigate();
  const now = useServerNow(60_000);
  return (
    <li className={styles.row} data-due={of.due ?? "LATER"}>
      <Checkbox checked={chosen} onChange={onToggle} aria-label={t("panel.choose", { name: of.name })} />
      <div className={styles.who}>
        <span className={styles.name}>
          <Link to={`/panel/residents/${of.residentId}`}>
            <strong>{of.name}</strong>
          </Link>
          <span>
            {format.sex(of.sex)} {format.age(of.age)}
          </span>
        </span>
        <span className={styles.quiet}>
          {of.home} {of.bed}
        </span>
        <Groups codes={of.groups} />
      </div>
      <div>
        {of.plans.length === 0 ? (
          <span className={styles.quiet}>{t("panel.noPlan")}</span>
        ) : (
          <ul className={styles.plans}>
            {of.plans.map((p) => (
              <li key={p.id} className={styles.plan}>
                <PlanLine of={p} />
              </li>
            ))}
          </ul>
        )}
        {booked && <p className={styles.quiet}>{t("panel.booked", { when: format.moment(booked, now) })}</p>}
        {of.contractState !== "IN_FORCE" && (
          <p className={styles.line}>
            <ContractState state={of.contractState} />
            <Link to={`/contracts/${of.contractId}`}>{t("panel.ends", { day: day(of.contractEndsOn) })}</Link>
          </p>
        )}
      </div>
      <div className={styles.acts}>
        <Button
          type={of.due === "OVERDUE" && !booked ? "primary" : "default"}
          icon={<CalendarOutlined aria-hidden />}
          aria-label={t("panel.bookFor", { name: of.name })}
          onClick={() => void navigate(bookingAddress([of]))}
        >
          {t("panel.book")}
        </Button>
      </div>
    </li>
  );
}
