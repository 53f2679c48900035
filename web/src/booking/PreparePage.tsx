import { CheckSquareOutlined, BorderOutlined, PrinterOutlined } from "@ant-design/icons";
import { Button, Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { DayPicker, dayAfter, useToday } from "../dates";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import { StatusTag } from "./AppointmentDialog";
import styles from "./Prepare.module.css";

type Preparation = Schemas["Preparation"];

/** Who comes when to which resident on a day, and what is to be ready; colleagues tick together. */
function PreparePage() {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const today = useToday();
  const now = useServerNow(60_000);
  const [search, setSearch] = useSearchParams();
  const tomorrow = dayAfter(today, { days: 1 });
  const day = search.get("day") ?? tomorrow;
  const list = useRead("/api/v1/preparations", { query: { day } }, { refetchInterval: 60_000 });
  return (
    <Page
      title={t("prepare.title", { day: format.day(day, now) })}
      actions={
        <span className={styles.acts}>
          <Segmented
            aria-label={t("prepare.which")}
            value={day}
            onChange={(value) => setSearch({ day: value })}
            options={[
              { value: today, label: t("prepare.today") },
              { value: tomorrow, label: t("prepare.tomorrow") },
              ...(day === today || day === tomorrow ? [] : [{ value: day, label: format.day(day) }]),
            ]}
          />
          <DayPicker
            aria-label={t("grid.goTo")}
            value={day}
            allowClear={false}
            onChange={(value) => value && setSearch({ day: value })}
          />
          <Button icon={<PrinterOutlined aria-hidden />} onClick={() => window.print()}>
            {t("prepare.print")}
          </Button>
        </span>
      }
    >
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <Notice kind="primary" action={<Link to="/appointments">{t("prepare.all")}</Link>}>
              {t("prepare.none")}
            </Notice>
          ) : (
            <>
              <p>
                {t("prepare.counts", {
                  n: rows.length,
                  open: rows.flatMap((r) => r.items).filter((i) => !i.done).length,
                })}{" "}
                <Link to="/appointments">{t("prepare.all")}</Link>
              </p>
              <ol className={styles.list}>
                {rows.map((r) => (
                  <One key={r.appointmentId} of={r} />
                ))}
              </ol>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
export { PreparePage as Component };

function One({ of }: { of: Preparation }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { chosen } = useCatalogue();
  const { query } = useServices();
  const tick = useCommand("post", "/api/v1/appointments/{id}/preparation", {
    onSuccess: () => void query.invalidateQueries({ queryKey: ["/api/v1/preparations"] }),
  });
  const pending = tick.isPending ? tick.variables?.body : undefined;
  const ready = of.items.filter((i) => i.done).length;
  return (
    <li className={styles.one} aria-label={`${format.clock(of.startsAt)} ${of.bed} ${of.residentName}`}>
      <header className={styles.head}>
        <strong className={styles.time}>
          {format.clock(of.startsAt)}–{format.clock(of.endsAt)}
        </strong>
        <Link to={`/ward/residents/${of.residentId}`} className={styles.who}>
          {[of.ward, of.bed, of.residentName].filter(Boolean).join(" ")}
        </Link>
        <span>
          {t(`place.${of.place}`)} · {of.kindName} · {of.staff.join("、")}（{of.organisationName}）
        </span>
        {of.status === "HELD" && <StatusTag of={of} />}
        <span className={styles.ready} data-all={ready === of.items.length}>
          {t("prepare.ready", { n: ready, of: of.items.length })}
        </span>
      </header>
      <ul className={styles.items}>
        {of.items.map((i) => {
          const done = pending?.item === i.item ? pending.done : i.done;
          return (
            <li key={i.item}>
              <button
                type="button"
                className={styles.item}
                role="checkbox"
                aria-checked={done}
                onClick={() =>
                  tick.mutate({
                    path: { id: of.appointmentId },
                    body: { item: i.item, done: !done },
                  })
                }
              >
                {done ? <CheckSquareOutlined aria-hidden /> : <BorderOutlined aria-hidden />}
                <span>
                  {chosen("preparation", i.item)}
                  {i.done && i.by && i.at && (
                    <small> {t("prepare.by", { name: i.by, at: format.moment(i.at, now) })}</small>
                  )}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <Refused error={tick.error} />
    </li>
  );
}
