import { PhoneOutlined } from "@ant-design/icons";
import { Button, Input, Radio } from "antd";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { hasCode, type Schemas, useCommand } from "../api";
import { useTitle } from "../app/Page";
import { LanguageButton } from "../auth/LanguageButton";
import { DayPicker, dayAfter, useToday } from "../dates";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { Notice, useDensity } from "../theme";
import { dialled } from "../bedside/parts/phone";
import styles from "./Reminders.module.css";

type Shown = Schemas["FamilyPage"];
type Reason = Schemas["FamilyReason"];
const reasons: Reason[] = ["FAMILY_UNABLE", "UNWELL", "ADMITTED", "NOT_NEEDED", "OTHER"];

/**
 * The family's page behind the link of a message or of a nurse, without signing in. The token travels in the fragment, which no server and no log
 * sees. It stays in the address, since the page is opened again; looking changes nothing, every answer is a POST.
 */
function FamilyPage() {
  const { t } = useTranslation("reminders");
  useDensity("bedside");
  const locale = useLanguage();
  const [token] = useState(() => {
    const given = window.location.hash.slice(1);
    return given.length === 43 ? given : "-".repeat(43);
  });
  const [page, setPage] = useState<Shown>();
  const open = useCommand("post", "/api/v1/family/page", { onSuccess: setPage });
  const { mutate } = open;
  const asked = useRef("");
  useEffect(() => {
    if (asked.current === locale) return;
    asked.current = locale;
    mutate({ body: { token, locale } });
  }, [mutate, token, locale]);
  // Of a link that was once good the refusal says whom to call.
  const over = (hasCode(open.error, "link_over") && open.error.problem.args) || {};
  useTitle(page?.appointment || !page ? t("family.title") : t("family.visitTitle"));
  return (
    <main className={styles.family}>
      <div className={styles.top}>
        <span>{page?.institution}</span>
        <LanguageButton />
      </div>
      {!page && open.error && (
        <>
          <h1>{t("family.title")}</h1>
          <Refused error={open.error} />
          {over.phone ? (
            <section className={`${styles.card} ${styles.big}`}>
              <p>{t("family.goneCall", { institution: over.institution })}</p>
              <Button
                type="primary"
                size="large"
                icon={<PhoneOutlined aria-hidden />}
                href={dialled(over.phone)}
              >
                {over.phone}
              </Button>
            </section>
          ) : (
            <p>{t("family.gone")}</p>
          )}
        </>
      )}
      {page?.appointment && <Answer token={token} of={page} onPage={setPage} />}
      {page && !page.appointment && <Visit token={token} of={page} onPage={setPage} />}
      {page?.phone && (
        <p className={styles.quiet}>
          {t("family.phone")} <a href={dialled(page.phone)}>{page.phone}</a>
        </p>
      )}
    </main>
  );
}
export { FamilyPage as Component };

function Answer({ token, of, onPage }: { token: string; of: Shown; onPage: (page: Shown) => void }) {
  const { t } = useTranslation("reminders");
  const format = useFormat();
  const locale = useLanguage();
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState<Reason>();
  const answer = useCommand("post", "/api/v1/family/answer", {
    onSuccess: (page) => {
      onPage(page);
      setAsking(false);
    },
  });
  const a = of.appointment;
  if (!a) return null;
  const say = (kind: Schemas["AppointmentAnswerKind"]) =>
    answer.mutate({
      body: { token, locale, answer: kind, revision: a.revision, ...(reason ? { reason } : {}) },
    });
  return (
    <>
      <section className={styles.card}>
        <h1>{t("family.about", { name: of.name })}</h1>
        <span className={styles.time}>
          {format.day(a.startsAt)} {format.clock(a.startsAt)}
        </span>
        <dl className={styles.facts}>
          <dt>{t("family.who")}</dt>
          <dd>{a.who}</dd>
          <dt>{t("family.where")}</dt>
          <dd>{t(`family.place.${a.place}`)}</dd>
        </dl>
      </section>
      <div aria-live="polite" className={styles.stack}>
        {a.status === "CANCELLED" && (
          <Notice kind="caution">{a.cancelledAt ? t("family.cancelled") : t("family.cancelledOther")}</Notice>
        )}
        {a.status !== "CANCELLED" && a.status !== "BOOKED" && (
          <Notice kind="primary">{t("family.over")}</Notice>
        )}
        {a.status === "BOOKED" && a.confirmedAt && <Notice kind="good">{t("family.confirmed")}</Notice>}
        {a.status === "BOOKED" && a.callBackAt && <Notice kind="good">{t("family.called")}</Notice>}
      </div>
      <Refused error={answer.error} />
      {asking ? (
        <section className={`${styles.card} ${styles.big}`}>
          <h2>{t("family.why")}</h2>
          <Radio.Group
            vertical
            aria-label={t("family.why")}
            options={reasons.map((value) => ({ value, label: t(`family.reasons.${value}`) }))}
            value={reason ?? null}
            onChange={(event) => setReason(event.target.value as Reason)}
          />
          <Button danger disabled={!reason} loading={answer.isPending} onClick={() => say("CANCELLED")}>
            {t("family.cancelNow")}
          </Button>
          <Button onClick={() => setAsking(false)}>{t("family.keep")}</Button>
        </section>
      ) : (
        <div className={`${styles.stack} ${styles.big}`}>
          {a.may.includes("CONFIRMED") && (
            <Button type="primary" size="large" loading={answer.isPending} onClick={() => say("CONFIRMED")}>
              {t("family.confirm")}
            </Button>
          )}
          {a.may.includes("CALL_BACK") && (
            <Button size="large" disabled={answer.isPending} onClick={() => say("CALL_BACK")}>
              {t("family.move")}
            </Button>
          )}
          {a.may.includes("CANCELLED") && (
            <Button size="large" danger disabled={answer.isPending} onClick={() => setAsking(true)}>
              {t("family.cancel")}
            </Button>
          )}
        </div>
      )}
    </>
  );
}

function Visit({ token, of, onPage }: { token: string; of: Shown; onPage: (page: Shown) => void }) {
  const { t } = useTranslation("reminders");
  const id = useId();
  const format = useFormat();
  const locale = useLanguage();
  const today = useToday();
  const [reason, setReason] = useState("");
  const [from, setFrom] = useState<string>();
  const [to, setTo] = useState<string>();
  const ask = useCommand("post", "/api/v1/family/visit", { onSuccess: onPage });
  const first = from ?? dayAfter(today, { days: 1 });
  const last = to ?? dayAfter(first, { days: 7 });
  return (
    <>
      <h1>{t("family.hello", { name: of.name })}</h1>
      {of.visit && (
        <section className={styles.card} aria-live="polite">
          <Notice kind="good">{t(`family.asked.${of.visit.state}`)}</Notice>
          {of.visit.startsAt ? (
            <span className={styles.time}>
              {format.day(of.visit.startsAt)} {format.clock(of.visit.startsAt)}
            </span>
          ) : (
            <span>
              {t("family.wanted", {
                from: format.day(of.visit.wantedFrom),
                to: format.day(of.visit.wantedTo),
              })}
            </span>
          )}
        </section>
      )}
      {of.mayRequest && (
        <section className={`${styles.card} ${styles.big}`}>
          <p className={styles.what}>{t("family.what")}</p>
          <Notice kind="danger">{t("family.emergency")}</Notice>
          <div className={styles.field}>
            <label htmlFor={id}>{t("family.ask")}</label>
            <Input.TextArea
              id={id}
              value={reason}
              maxLength={300}
              placeholder={t("family.askHint")}
              autoSize={{ minRows: 3, maxRows: 8 }}
              onChange={(event) => setReason(event.target.value)}
            />
          </div>
          <div className={styles.field}>
            <label htmlFor={`${id}-from`}>{t("family.from")}</label>
            <DayPicker id={`${id}-from`} value={first} min={today} onChange={(day) => setFrom(day)} />
          </div>
          <div className={styles.field}>
            <label htmlFor={`${id}-to`}>{t("family.to")}</label>
            <DayPicker id={`${id}-to`} value={last} min={first} onChange={(day) => setTo(day)} />
          </div>
          <Button
            type="primary"
            size="large"
            disabled={reason.trim() === ""}
            loading={ask.isPending}
            onClick={() =>
              ask.mutate({
                body: { token, locale, reason: reason.trim(), wantedFrom: first, wantedTo: last },
              })
            }
          >
            {reason.trim() === "" ? t("family.askFirst") : t("family.send")}
          </Button>
        </section>
      )}
      <Refused error={ask.error} />
    </>
  );
}
