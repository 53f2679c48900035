import { Button, Checkbox, Form, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { ClockRangePicker, DayPicker, MomentPicker, dayAfter, useToday } from "../dates";
import { Dialog, FormDialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import styles from "./Booking.module.css";

type Rule = Schemas["AvailabilityRule"];
const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
type Weekday = (typeof weekdays)[number];

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const minutes = (text: string) => {
  const [h, m] = text.split(":");
  return Number(h) * 60 + Number(m);
};

/** The hours in which somebody can be booked. */
function HoursPage() {
  const { t } = useTranslation("booking");
  const today = useToday();
  const hours = useRead("/api/v1/availability", {
    query: { from: `${today}T00:00:00+08:00`, to: `${dayAfter(today, { days: 60 })}T00:00:00+08:00` },
  });
  return (
    <Page title={t("hours.title")}>
      <Loaded query={hours}>{(data) => <Shown of={data} />}</Loaded>
    </Page>
  );
}
export { HoursPage as Component };

function useAgain(): () => void {
  const { query } = useServices();
  return () => {
    void query.invalidateQueries({ queryKey: ["/api/v1/availability"] });
    void query.invalidateQueries({ queryKey: ["/api/v1/slots"] });
  };
}

function Shown({ of }: { of: Schemas["Availability"] }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const again = useAgain();
  const [asking, setAsking] = useState<"RULE" | "LEAVE">();
  const [ending, setEnding] = useState<Rule>();
  const remove = useCommand("delete", "/api/v1/availability/exceptions/{id}", { onSuccess: again });
  const days = (rule: Rule) =>
    (/BYDAY=([A-Z,]+)/.exec(rule.recurrence)?.[1]?.split(",") ?? [])
      .flatMap((d) => weekdays.filter((w) => w === d))
      .map((d) => t(`hours.weekdays.${d}`));
  return (
    <div className={styles.stack}>
      <section className={styles.stack}>
        <h2>{t("hours.rules")}</h2>
        {of.rules.length === 0 ? (
          <p className={styles.quiet}>{t("hours.noRules")}</p>
        ) : (
          <ul className={styles.list}>
            {of.rules.map((rule) => (
              <li key={rule.id}>
                <span>
                  <strong>
                    {days(rule).join(" ") ||
                      t(rule.recurrence.startsWith("FREQ=DAILY") ? "hours.daily" : "hours.byRule", {
                        rule: rule.recurrence,
                      })}
                  </strong>{" "}
                  {clock(rule.fromMinute)}–{clock(rule.toMinute)}{" "}
                  <span className={styles.quiet}>
                    {rule.places.map((p) => t(`place.${p}`)).join("、")} {rule.endsOn}
                  </span>
                </span>
                <Button onClick={() => setEnding(rule)}>{t("hours.end")}</Button>
              </li>
            ))}
          </ul>
        )}
        <span>
          <Button type="primary" onClick={() => setAsking("RULE")}>
            {t("hours.add")}
          </Button>
        </span>
      </section>
      <section className={styles.stack}>
        <h2>{t("hours.leave")}</h2>
        {of.exceptions.length === 0 ? (
          <p className={styles.quiet}>{t("hours.noLeave")}</p>
        ) : (
          <ul className={styles.list}>
            {of.exceptions.map((e) => (
              <li key={e.id}>
                <span>
                  <strong>{t(`hours.effect.${e.effect}`)}</strong> {t(`hours.reason.${e.reason}`)}{" "}
                  {format.moment(e.startsAt, now)} – {format.moment(e.endsAt, now)}
                </span>
                <Button loading={remove.isPending} onClick={() => remove.mutate({ path: { id: e.id } })}>
                  {t("hours.remove")}
                </Button>
              </li>
            ))}
          </ul>
        )}
        <span>
          <Button onClick={() => setAsking("LEAVE")}>{t("hours.addLeave")}</Button>
        </span>
        <Refused error={remove.error} />
      </section>
      {asking === "RULE" && <RuleDialog onClose={() => setAsking(undefined)} />}
      {asking === "LEAVE" && <LeaveDialog onClose={() => setAsking(undefined)} />}
      {ending && <EndDialog rule={ending} onClose={() => setEnding(undefined)} />}
    </div>
  );
}

function RuleDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("booking");
  const today = useToday();
  const again = useAgain();
  const [chosen, setChosen] = useState<Weekday[]>(["MO", "TU", "WE", "TH", "FR"]);
  const [time, setTime] = useState<{ from: string; to: string } | undefined>({ from: "08:30", to: "11:30" });
  const [working, setWorking] = useState(true);
  const [places, setPlaces] = useState<Schemas["AppointmentPlace"][]>([]);
  const add = useCommand("post", "/api/v1/availability/rules", {
    onSuccess: () => {
      again();
      onClose();
    },
  });
  return (
    <Dialog
      title={t("hours.add")}
      onClose={onClose}
      act={t("hours.save")}
      ready={chosen.length > 0 && time !== undefined}
      busy={add.isPending}
      error={add.error}
      onAct={() =>
        time &&
        add.mutate({
          body: {
            recurrence: `FREQ=WEEKLY;BYDAY=${weekdays.filter((d) => chosen.includes(d)).join(",")}`,
            startsOn: today,
            fromMinute: minutes(time.from),
            toMinute: minutes(time.to),
            days: working ? "WORKING" : "ALL",
            ...(places.length > 0 ? { places } : {}),
          },
        })
      }
    >
      <span>{t("hours.days")}</span>
      <Checkbox.Group
        value={chosen}
        onChange={(value) => setChosen(value as Weekday[])}
        options={weekdays.map((value) => ({ value, label: t(`hours.weekdays.${value}`) }))}
      />
      <label htmlFor="hours-time">{t("hours.time")}</label>
      <ClockRangePicker id="hours-time" value={time} onChange={setTime} />
      <Checkbox checked={working} onChange={(e) => setWorking(e.target.checked)}>
        {t("hours.working")}
      </Checkbox>
      <label className={styles.field}>
        {t("hours.places")}
        <Select
          mode="multiple"
          value={places}
          placeholder={t("hours.anyPlace")}
          onChange={setPlaces}
          options={(["HOME", "CLINIC", "INSTITUTION", "ONLINE"] as const).map((value) => ({
            value,
            label: t(`place.${value}`),
          }))}
        />
      </label>
    </Dialog>
  );
}

function EndDialog({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t } = useTranslation("booking");
  const today = useToday();
  const again = useAgain();
  const [day, setDay] = useState<string | undefined>(today);
  const end = useCommand("post", "/api/v1/availability/rules/{id}/end", { onSuccess: again });
  return (
    <Dialog
      title={t("hours.endTitle")}
      onClose={onClose}
      {...(end.isSuccess ? {} : { act: t("hours.end") })}
      ready={day !== undefined}
      busy={end.isPending}
      error={end.error}
      onAct={() => day && end.mutate({ path: { id: rule.id }, body: { lastDay: day } })}
    >
      <DayPicker aria-label={t("hours.endTitle")} value={day} onChange={setDay} />
      {end.data && <Affected list={end.data.affected} />}
    </Dialog>
  );
}

function Affected({ list }: { list: Schemas["Appointment"][] }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  if (list.length === 0) return null;
  return (
    <Notice kind="caution">
      {t("hours.affected", { n: list.length })}{" "}
      {list.map((a) => `${format.moment(a.startsAt, now)} ${a.residentName}`).join("；")}
    </Notice>
  );
}

function LeaveDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("booking");
  const [form] = Form.useForm();
  const again = useAgain();
  const add = useCommand("post", "/api/v1/availability/exceptions", {
    onSuccess: (data) => {
      again();
      if (data.affected.length === 0) onClose();
    },
  });
  const needed = [{ required: true }];
  return (
    <FormDialog
      title={t("hours.leave")}
      onClose={onClose}
      {...(add.isSuccess ? {} : { act: t("hours.save") })}
      form={form}
      busy={add.isPending}
      error={add.error}
      initial={{ effect: "CLOSED", reason: "LEAVE" }}
      onSend={(v: Schemas["AvailabilityExceptionInput"]) => add.mutate({ body: v })}
    >
      <Form.Item name="effect" rules={needed}>
        <Select
          aria-label={t("hours.leave")}
          options={(["CLOSED", "OPEN"] as const).map((value) => ({
            value,
            label: t(`hours.effect.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="reason" rules={needed}>
        <Select
          aria-label={t("week.why")}
          options={(["LEAVE", "SICK", "TRAINING", "EXTRA", "OTHER"] as const).map((value) => ({
            value,
            label: t(`hours.reason.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="startsAt" label={t("hours.from")} rules={needed}>
        <MomentPicker minuteStep={5} />
      </Form.Item>
      <Form.Item name="endsAt" label={t("hours.to")} rules={needed}>
        <MomentPicker minuteStep={5} />
      </Form.Item>
      {add.data && <Affected list={add.data.affected} />}
    </FormDialog>
  );
}
