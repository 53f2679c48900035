import { PrinterOutlined } from "@ant-design/icons";
import { Button, Checkbox } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Schemas, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { DayRangePicker, dayAfter, useToday } from "../dates";
import { Refused } from "../dialog";
import { createFormat } from "../i18n/format";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { dialled } from "../bedside/parts/phone";
import styles from "./Reminders.module.css";

type Letter = Schemas["ReminderLetter"];

/** Whom a person has to tell of appointments: families who want a call, and those whom no message reaches, by letter. */
function RemindersPage() {
  const { t } = useTranslation("reminders");
  const today = useToday();
  const now = useServerNow(60_000);
  // Nobody is reminded of what has begun.
  const toCome = (letter: Letter) => Date.parse(letter.startsAt) > now.getTime();
  const [period, setPeriod] = useState<readonly [string, string]>();
  const [from, to] = period ?? [today, dayAfter(today, { days: 14 })];
  const [print, setPrint] = useState<Letter[]>();
  const letters = useRead("/api/v1/reminder-letters", { query: { from, to } }, { keepPrevious: true });
  if (print) return <Print letters={print} onClose={() => setPrint(undefined)} />;
  return (
    <Page title={t("page.title")}>
      <div className={styles.stack}>
        <Calls />
        <section className={styles.card}>
          <h2>{t("page.letters")}</h2>
          <p className={styles.quiet}>{t("page.lettersHint")}</p>
          <DayRangePicker
            className={styles.narrow}
            aria-label={t("page.period")}
            value={[from, to]}
            onChange={([first, last]) => first && last && setPeriod([first, last])}
          />
          <Loaded query={letters}>
            {(rows) => <Letters key={from + to} rows={rows.filter(toCome)} onPrint={setPrint} />}
          </Loaded>
        </section>
      </div>
    </Page>
  );
}
export { RemindersPage as Component };

function Calls() {
  const { t } = useTranslation(["reminders", "booking"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const { query } = useServices();
  const calls = useRead("/api/v1/call-backs", {}, { refetchInterval: 60_000 });
  const done = useCommand("post", "/api/v1/call-backs/{id}/done", {
    onSuccess: () => void query.invalidateQueries({ queryKey: ["/api/v1/call-backs"] }),
  });
  return (
    <section className={styles.card}>
      <h2>{t("page.calls")}</h2>
      <Loaded query={calls}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("page.noCalls")}</p>
          ) : (
            <ul className={styles.list}>
              {rows.map((c) => (
                <li key={c.id}>
                  <span className={styles.grow}>
                    <strong>
                      {c.residentName} {c.ward} {c.bed}
                    </strong>{" "}
                    <Link to={`/appointments/${c.appointmentId}`}>
                      {format.moment(c.startsAt, now)} · {t(`booking:place.${c.place}`)} · {c.who}
                    </Link>
                  </span>
                  <span className={styles.quiet}>{t("page.asked", { at: format.moment(c.at, now) })}</span>
                  {c.phone && <a href={dialled(c.phone)}>{c.phone}</a>}
                  <Button loading={done.isPending} onClick={() => done.mutate({ path: { id: c.id } })}>
                    {t("page.done")}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <Refused error={done.error} />
    </section>
  );
}

function Letters({ rows, onPrint }: { rows: Letter[]; onPrint: (letters: Letter[]) => void }) {
  const { t } = useTranslation(["reminders", "booking"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const [chosen, setChosen] = useState<ReadonlySet<string>>();
  const picked = chosen ?? new Set(rows.filter((r) => r.printedAt === undefined).map((r) => r.appointmentId));
  if (rows.length === 0) return <p className={styles.quiet}>{t("page.noLetters")}</p>;
  return (
    <>
      <span className={styles.acts}>
        <Button onClick={() => setChosen(undefined)}>{t("page.onlyNew")}</Button>
        <Button onClick={() => setChosen(new Set(rows.map((r) => r.appointmentId)))}>{t("page.all")}</Button>
        <Button
          type="primary"
          icon={<PrinterOutlined aria-hidden />}
          disabled={picked.size === 0}
          onClick={() => onPrint(rows.filter((r) => picked.has(r.appointmentId)))}
        >
          {t("page.print", { count: picked.size })}
        </Button>
      </span>
      <ul className={styles.list}>
        {rows.map((r) => (
          <li key={r.appointmentId}>
            <Checkbox
              checked={picked.has(r.appointmentId)}
              aria-label={t("page.choose", { name: r.residentName })}
              onChange={(event) => {
                const next = new Set(picked);
                if (event.target.checked) next.add(r.appointmentId);
                else next.delete(r.appointmentId);
                setChosen(next);
              }}
            />
            <span className={styles.grow}>
              <strong>{r.residentName}</strong> {r.ward} {r.bed}
              <br />
              <Link to={`/appointments/${r.appointmentId}`}>
                {format.day(r.startsAt, now)} {format.clock(r.startsAt)} · {t(`booking:place.${r.place}`)} ·{" "}
                {r.who}
              </Link>
            </span>
            <Tone kind="caution">{t(`page.why.${r.why}`)}</Tone>
            {r.printedAt ? (
              <Tone kind="good">{t("page.printed", { at: format.moment(r.printedAt, now) })}</Tone>
            ) : (
              <span className={styles.quiet}>{t("page.notPrinted")}</span>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** The letters, one a page of A4 in large type. They are noted as printed only when a person says that they are. */
function Print({ letters, onClose }: { letters: Letter[]; onClose: () => void }) {
  const { t, i18n } = useTranslation("reminders");
  // The letter is in Chinese, whatever the nurse reads.
  const letter = i18n.getFixedT("zh-CN", "reminders");
  const format = createFormat(i18n, "zh-CN");
  const { query } = useServices();
  const mark = useCommand("post", "/api/v1/reminder-letters/printed", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/reminder-letters"] });
      onClose();
    },
  });
  return (
    <div className={styles.letters}>
      <h1 className={styles.noPrint}>{t("letter.title")}</h1>
      <div className={`${styles.acts} ${styles.noPrint}`}>
        <Button type="primary" icon={<PrinterOutlined aria-hidden />} onClick={() => window.print()}>
          {t("page.print", { count: letters.length })}
        </Button>
        <Button
          loading={mark.isPending}
          onClick={() => mark.mutate({ body: { appointments: letters.map((l) => l.appointmentId) } })}
        >
          {t("page.mark")}
        </Button>
        <Button onClick={onClose}>{t("page.back")}</Button>
        <Refused error={mark.error} />
      </div>
      {letters.map((l) => (
        <article key={l.appointmentId} className={styles.letter} lang="zh-CN">
          <h2>{letter("letter.title")}</h2>
          <p>{letter("letter.dear", { name: l.residentName })}</p>
          <p>{letter("letter.text")}</p>
          <dl className={styles.facts}>
            <dt>{letter("letter.when")}</dt>
            <dd>
              <strong>
                {format.day(l.startsAt)} {format.clock(l.startsAt)}
              </strong>
            </dd>
            <dt>{letter("letter.who")}</dt>
            <dd>{l.who}</dd>
            <dt>{letter("letter.where")}</dt>
            <dd>{letter(`family.place.${l.place}`)}</dd>
            <dt>{letter("letter.bed")}</dt>
            <dd>
              {l.ward} {l.bed}
            </dd>
          </dl>
          <p>{l.phone ? letter("letter.change", { phone: l.phone }) : letter("letter.changeNurse")}</p>
          <p>{l.institution}</p>
          <p className={styles.foot}>{letter("letter.sign")}</p>
        </article>
      ))}
    </div>
  );
}
