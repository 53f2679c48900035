import { Button, Segmented, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { DayRangePicker, dayAfter, dayOf, useToday } from "../dates";
import { Dialog } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { useDay } from "../i18n/useDay";
import { type Appointment, StatusTag } from "./AppointmentDialog";
import styles from "./Booking.module.css";
import { grouped } from "./grouped";
import { type Group, groups, ratio, type Row } from "./figures";
import { monday } from "./week/grid";

type Figures = Schemas["AppointmentFigures"];
type What = "upcoming" | "open" | "done" | "noShow" | "cancelled" | "cancelledLate";

/** What was offered and booked, and what became of it, by doctor, kind or week; every figure opens its appointments. */
function FiguresPage() {
  const { t } = useTranslation("booking");
  const today = useToday();
  const [search, setSearch] = useSearchParams();
  const from = search.get("from") ?? monday(dayAfter(today, { days: -28 }));
  const to = search.get("to") ?? dayAfter(monday(today), { days: 20 });
  const by = (search.get("by") ?? "practitioner") as Group;
  const figures = useRead("/api/v1/appointment-figures", { query: { from, to } }, { keepPrevious: true });
  const set = (changes: Record<string, string>) =>
    setSearch({ ...Object.fromEntries(search), ...changes }, { replace: true });
  return (
    <Page
      title={t("figures.title")}
      actions={
        <span className={styles.acts}>
          <Link to="/goals/returns?sheet=E6">{t("figures.visits")}</Link>
          <Link to="/goals/returns?sheet=E5">{t("figures.referrals")}</Link>
        </span>
      }
    >
      <div className={styles.line}>
        <DayRangePicker
          aria-label={t("figures.period")}
          value={[from, to]}
          onChange={([first, last]) => first && last && set({ from: first, to: last })}
        />
        <Segmented
          aria-label={t("figures.by")}
          value={by}
          onChange={(value) => set({ by: value })}
          options={(["practitioner", "kind", "week"] as const).map((value) => ({
            value,
            label: t(`figures.groups.${value}`),
          }))}
        />
      </div>
      <Loaded query={figures}>{(data) => <Shown of={data} by={by} period={{ from, to }} />}</Loaded>
    </Page>
  );
}
export { FiguresPage as Component };

function Shown({ of, by, period }: { of: Figures; by: Group; period: { from: string; to: string } }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const day = useDay();
  const [drill, setDrill] = useState<{ row: Row; what: What }>();
  const rows = groups(of, by);
  const name = (row: Row) => (by === "week" ? t("figures.weekOf", { day: day(row.key) }) : row.name);
  const number = (what: What) => (row: Row) =>
    row[what] > 0 ? (
      <Button type="link" size="small" onClick={() => setDrill({ row, what })}>
        {format.number(row[what])}
      </Button>
    ) : (
      <span className={styles.quiet}>0</span>
    );
  const share = (part: number, whole: number) => {
    if (whole === 0) return "–";
    const r = ratio(part, whole);
    return r === undefined ? `${part}/${whole}` : `${format.number(r * 100)} % (${part}/${whole})`;
  };
  return (
    <>
      <Table<Row>
        size="small"
        rowKey="key"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={rows}
        locale={{ emptyText: t("figures.none") }}
        columns={[
          { key: "name", title: t(`figures.group.${by}`), render: (_, row) => name(row) },
          ...(by === "kind"
            ? []
            : [
                {
                  key: "offered",
                  title: t("figures.offered"),
                  align: "end" as const,
                  render: (_: unknown, row: Row) => format.number(row.offered / 60, 1),
                },
                {
                  key: "taken",
                  title: t("figures.taken"),
                  align: "end" as const,
                  render: (_: unknown, row: Row) =>
                    row.offered > 0
                      ? `${format.number(row.taken / 60, 1)} · ${format.number((row.taken / row.offered) * 100)} %`
                      : "–",
                },
              ]),
          ...(["upcoming", "done", "open", "noShow", "cancelledLate", "cancelled"] as const).map((what) => ({
            key: what,
            title: t(`figures.${what}`),
            align: "end" as const,
            render: (_: unknown, row: Row) => number(what)(row),
          })),
          {
            key: "rate",
            title: t("figures.rate"),
            align: "end",
            render: (_, row) => share(row.noShow, row.noShow + row.done),
          },
        ]}
      />
      <p className={styles.quiet}>{t("figures.note")}</p>
      <section className={styles.stack} aria-labelledby="absences">
        <h2 id="absences">{t("figures.why")}</h2>
        {of.absences.length === 0 ? (
          <p className={styles.quiet}>{t("figures.nobodyMissing")}</p>
        ) : (
          <ul className={styles.list}>
            {[...grouped(of.absences, (a) => a.absence ?? "")].map(([reason, list]) => (
              <li key={reason}>
                <span>{list[0]?.absence ? t(`week.absences.${list[0].absence}`) : t("figures.unsaid")}</span>
                <strong>{list.reduce((n, a) => n + a.n, 0)}</strong>
              </li>
            ))}
          </ul>
        )}
      </section>
      {drill && (
        <Rows
          title={`${name(drill.row)} · ${t(`figures.${drill.what}`)}`}
          row={drill.row}
          what={drill.what}
          by={by}
          period={period}
          onClose={() => setDrill(undefined)}
        />
      )}
    </>
  );
}

function fits(a: Appointment, what: What, now: Date): boolean {
  switch (what) {
    case "upcoming":
      return ["BOOKED", "ARRIVED"].includes(a.status) && new Date(a.endsAt) > now;
    case "open":
      return ["BOOKED", "ARRIVED"].includes(a.status) && new Date(a.endsAt) <= now;
    case "done":
      return a.status === "FULFILLED";
    case "noShow":
      return a.status === "NO_SHOW";
    default:
      return (
        a.status === "CANCELLED" &&
        a.cancelReason !== "HOLD_RELEASED" &&
        (a.cancelledLate ?? false) === (what === "cancelledLate")
      );
  }
}

/** The appointments behind a figure. */
function Rows({
  title,
  row,
  what,
  by,
  period,
  onClose,
}: {
  title: string;
  row: Row;
  what: What;
  by: Group;
  period: { from: string; to: string };
  onClose: () => void;
}) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const list = useRead("/api/v1/appointments", {
    query: {
      from: `${period.from}T00:00:00+08:00`,
      to: `${dayAfter(period.to, { days: 1 })}T00:00:00+08:00`,
      ended: true,
      ...(by === "practitioner" ? { practitionerId: row.key } : {}),
    },
  });
  return (
    <Dialog title={title} width="widest" onClose={onClose}>
      <Loaded query={list}>
        {(all) => (
          <ul className={styles.list}>
            {all
              .filter(
                (a) =>
                  fits(a, what, now) &&
                  (by !== "practitioner" || a.staff.some((p) => p.part === "LEAD" && p.userId === row.key)) &&
                  (by !== "kind" || a.kindId === row.key) &&
                  (by !== "week" || monday(dayOf(a.startsAt)) === row.key) &&
                  row.kinds.has(a.kindId),
              )
              .map((a) => (
                <li key={a.id}>
                  <span>
                    <strong>
                      {format.day(a.startsAt, now)} {format.clock(a.startsAt)}
                    </strong>{" "}
                    {a.residentName} {a.residentOrganisationName} {a.bed} · {a.kindName} ·{" "}
                    {a.staff.map((s) => s.name).join("、")}{" "}
                    <span className={styles.quiet}>
                      {a.absence
                        ? t(`week.absences.${a.absence}`)
                        : a.cancelReason
                          ? t(`week.reasons.${a.cancelReason}`)
                          : ""}
                    </span>
                  </span>
                  <StatusTag of={a} />
                </li>
              ))}
          </ul>
        )}
      </Loaded>
    </Dialog>
  );
}
