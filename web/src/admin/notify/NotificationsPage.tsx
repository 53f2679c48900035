import { Alert, App, Button, Checkbox, Input, Switch, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useErrorText, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { Panel } from "../../desk/parts/Panel";
import {
  type Choice,
  chosen,
  type Edited,
  editedOf,
  inputOf,
  isChanged,
  type Settings,
  unreached,
} from "./choices";
import { DeliveryTable } from "./DeliveryTable";
import styles from "./Notify.module.css";
import { ThisDevice } from "./ThisDevice";
import { Refused } from "../../dialog";
import { ClockRangePicker } from "../../dates";

/** The person's own choices: by which channel each event reaches her, when she is left alone, and what was sent. */
function NotificationsPage() {
  const { t } = useTranslation("admin");
  const settings = useRead("/api/v1/me/notifications");
  return (
    <Page title={t("notify.mine")}>
      <p className={styles.quiet}>{t("notify.mineNote")}</p>
      <Loaded query={settings}>
        {(data) => (
          <>
            {/* keyed, so that what was saved elsewhere does not mix with what is edited here */}
            <Choices key={data.revision} settings={data} />
            <ThisDevice settings={data} onChanged={() => void settings.refetch()} />
          </>
        )}
      </Loaded>
      <OwnLog />
    </Page>
  );
}
export { NotificationsPage as Component };

function Choices({ settings }: { settings: Settings }) {
  const { t } = useTranslation(["admin", "common"]);
  const { message } = App.useApp();
  const read = useRead("/api/v1/me/notifications");
  const [edited, setEdited] = useState(() => editedOf(settings));
  const save = useCommand("put", "/api/v1/me/notifications", {
    onSuccess: () => {
      void message.success(t("notify.saved"));
      void read.refetch();
    },
  });
  const silent = unreached(settings, edited);
  const none = silent.length > 0 && silent.length === edited.choices.length;
  return (
    <Panel title={t("notify.choices")}>
      <Phone settings={settings} edited={edited} onChange={setEdited} />
      {settings.choices.length > 0 ? (
        <EventTable settings={settings} edited={edited} onChange={setEdited} />
      ) : (
        <p className={styles.quiet}>{t("notify.noEvents")}</p>
      )}
      {silent.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={
            none
              ? t("notify.unreachable")
              : t("notify.unreached", {
                  what: silent.map((event) => t(`notify.events.${event}`)).join(t("notify.separator")),
                })
          }
        />
      )}
      <Quiet edited={edited} onChange={setEdited} />
      <Refused error={save.error} />
      <div>
        <Button
          type="primary"
          disabled={!isChanged(settings, edited)}
          loading={save.isPending}
          onClick={() => save.mutate({ body: inputOf(settings.revision, edited) })}
        >
          {t("common:actions.save")}
        </Button>
      </div>
    </Panel>
  );
}

interface Part {
  edited: Edited;
  onChange: (edited: Edited) => void;
}

function Phone({ settings, edited, onChange }: Part & { settings: Settings }) {
  const { t } = useTranslation(["admin", "common"]);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const test = useCommand("post", "/api/v1/me/notifications/test", {
    onSuccess: () => void message.info(t("notify.testSent")),
    onError: (error) => void message.error(errorText(error)),
  });
  const editing = edited.phone !== undefined;
  return (
    <div className={styles.line}>
      <label htmlFor="notify-phone">{t("notify.phone")}</label>
      {editing ? (
        <Input
          id="notify-phone"
          className={styles.short}
          value={edited.phone}
          inputMode="tel"
          maxLength={30}
          placeholder={t("notify.phoneNone")}
          onChange={(event) => onChange({ ...edited, phone: event.target.value })}
        />
      ) : (
        <>
          <span>{settings.phoneMasked ?? t("notify.phoneNone")}</span>
          <Button onClick={() => onChange({ ...edited, phone: "" })}>{t("notify.phoneChange")}</Button>
          {settings.phoneMasked && settings.smsAvailable && (
            <Button loading={test.isPending} onClick={() => test.mutate({ body: { channel: "SMS" } })}>
              {t("notify.testSms")}
            </Button>
          )}
        </>
      )}
      {!settings.smsAvailable && <span className={styles.quiet}>{t("notify.smsMissing")}</span>}
    </div>
  );
}

/** Event × channel. What is sent to people on duty whatever they choose is shown as it is, and cannot be cleared. */
function EventTable({ settings, edited, onChange }: Part & { settings: Settings }) {
  const { t } = useTranslation("admin");
  return (
    <Table<Choice>
      rowKey="event"
      size="middle"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={edited.choices}
      columns={[
        {
          title: t("notify.event"),
          render: (_, { event, alwaysOnDuty }) => (
            <span className={styles.event}>
              {t(`notify.events.${event}`)}
              {alwaysOnDuty && <span className={styles.quiet}>{t("notify.always")}</span>}
            </span>
          ),
        },
        {
          title: t("notify.channels.PUSH"),
          align: "center",
          render: (_, c) => (
            <Box of={c} channel="push" settings={settings} edited={edited} onChange={onChange} />
          ),
        },
        {
          title: t("notify.channels.SMS"),
          align: "center",
          render: (_, c) => (
            <Box of={c} channel="sms" settings={settings} edited={edited} onChange={onChange} />
          ),
        },
      ]}
    />
  );
}

function Box({
  of,
  channel,
  settings,
  edited,
  onChange,
}: Part & { of: Choice; channel: "sms" | "push"; settings: Settings }) {
  const { t } = useTranslation("admin");
  return (
    <Checkbox
      checked={of[channel]}
      disabled={channel === "sms" && !settings.smsAvailable}
      aria-label={t("notify.choose", {
        event: t(`notify.events.${of.event}`),
        channel: t(`notify.channels.${channel === "sms" ? "SMS" : "PUSH"}`),
      })}
      onChange={(changed) => onChange(chosen(edited, of.event, channel, changed.target.checked))}
    />
  );
}

const usualNight = { from: "22:00", to: "07:00" };

function Quiet({ edited, onChange }: Part) {
  const { t } = useTranslation("admin");
  const { quiet } = edited;
  return (
    <div className={styles.line}>
      <Switch
        id="notify-quiet"
        checked={quiet !== undefined}
        onChange={(on) => onChange({ ...edited, quiet: on ? usualNight : undefined })}
      />
      <label htmlFor="notify-quiet">{t("notify.quiet")}</label>
      {quiet && (
        <ClockRangePicker
          aria-label={t("notify.quiet")}
          allowClear={false}
          value={quiet}
          onChange={(range) => range && onChange({ ...edited, quiet: range })}
        />
      )}
      <span className={styles.quiet}>{t("notify.quietNote")}</span>
    </div>
  );
}

function OwnLog() {
  const { t } = useTranslation("admin");
  const log = useRead("/api/v1/me/notifications/log", {}, { refetchInterval: 15_000 });
  return (
    <Panel title={t("notify.log")}>
      <Loaded query={log}>{(rows) => <DeliveryTable rows={rows} />}</Loaded>
    </Panel>
  );
}
