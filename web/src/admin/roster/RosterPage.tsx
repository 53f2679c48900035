import { CopyOutlined, LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Alert, App, Button, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useCommand, useErrorText, useRead } from "../../api";
import type { Schemas } from "../../api/types";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { hasRole, useMe } from "../../auth/useSession";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import styles from "./Roster.module.css";
import { RosterGrid } from "./RosterGrid";
import { Swaps } from "./Swaps";
import { dayOf, daysOf, longTimes, mondayOf, periodOf, plusDays, seatsOf } from "./week";

/** Who is on duty, by week: people × days. Administrators enter shifts, those on duty ask one another to swap. */
function RosterPage() {
  const { t } = useTranslation("admin");
  const admin = hasRole(useMe(), "INST_ADMIN");
  const today = dayOf(useServerNow(60_000));
  const [search, setSearch] = useSearchParams();
  const monday = mondayOf(validDay(search.get("week")) ?? today);
  const goTo = (day: string) => setSearch(day === mondayOf(today) ? {} : { week: day }, { replace: true });
  const shifts = useRead("/api/v1/duty-shifts", { query: periodOf(monday) }, { keepPrevious: true });
  const people = useRead("/api/v1/users", {}, { enabled: admin });
  const changed = () => void shifts.refetch();
  return (
    <Page title={t("roster.title")} actions={<WeekChoice monday={monday} today={today} onChoose={goTo} />}>
      <p className={styles.quiet}>{t("roster.note")}</p>
      {admin && <CopyWeek monday={monday} onCopied={changed} />}
      <Loaded query={shifts}>
        {(rows) => (
          <RosterGrid
            days={daysOf(monday)}
            today={today}
            shifts={rows}
            seats={seatsOf(people.data ?? [], rows)}
            editable={admin}
            onChanged={changed}
          />
        )}
      </Loaded>
      <Swaps today={today} onChanged={changed} />
    </Page>
  );
}
export { RosterPage as Component };

function validDay(text: string | null): string | undefined {
  return text && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

function WeekChoice({
  monday,
  today,
  onChoose,
}: {
  monday: string;
  today: string;
  onChoose: (monday: string) => void;
}) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <div className={styles.weeks}>
      <Button
        icon={<LeftOutlined aria-hidden />}
        aria-label={t("roster.previous")}
        title={t("roster.previous")}
        onClick={() => onChoose(plusDays(monday, -7))}
      />
      <strong>
        {t("roster.period", { from: format.day(monday, now), to: format.day(plusDays(monday, 6), now) })}
      </strong>
      <Button
        icon={<RightOutlined aria-hidden />}
        aria-label={t("roster.following")}
        title={t("roster.following")}
        onClick={() => onChoose(plusDays(monday, 7))}
      />
      <Button disabled={monday === mondayOf(today)} onClick={() => onChoose(mondayOf(today))}>
        {t("roster.thisWeek")}
      </Button>
    </div>
  );
}

/** Fills the shown week like the one before it, and says what was left out and why. */
function CopyWeek({ monday, onCopied }: { monday: string; onCopied: () => void }) {
  const { t } = useTranslation(["admin", "common"]);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [copied, setCopied] = useState<{ monday: string; result: Schemas["CopiedWeek"] }>();
  const copy = useCommand("post", "/api/v1/duty-weeks/copy", {
    onSuccess: (result) => {
      setCopied({ monday, result });
      onCopied();
    },
    onError: (error) => void message.error(errorText(error)),
  });
  return (
    <>
      <div>
        <Popconfirm
          title={t("roster.copyAsk")}
          description={t("roster.copyBody")}
          okText={t("roster.copy")}
          onConfirm={() => copy.mutate({ body: { from: plusDays(monday, -7), to: monday } })}
        >
          <Button icon={<CopyOutlined aria-hidden />} loading={copy.isPending}>
            {t("roster.copy")}
          </Button>
        </Popconfirm>
      </div>
      {copied?.monday === monday && <Copied of={copied.result} onClose={() => setCopied(undefined)} />}
    </>
  );
}

function Copied({ of, onClose }: { of: Schemas["CopiedWeek"]; onClose: () => void }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <Alert
      type={of.skipped.length > 0 ? "warning" : "success"}
      showIcon
      closable={{ onClose }}
      title={t("roster.copied", { n: of.created.length })}
      description={
        of.skipped.length > 0 && (
          <>
            <p>{t("roster.skipped", { n: of.skipped.length })}</p>
            <ul className={styles.skipped}>
              {of.skipped.map((s) => (
                <li key={`${s.userName} ${s.startsAt}`}>
                  {s.userName} {format.day(s.startsAt, now)}{" "}
                  {longTimes(format.clock(s.startsAt), format.clock(s.endsAt), (time) =>
                    t("roster.nextDay", { time }),
                  )}
                  : {s.message}
                </li>
              ))}
            </ul>
          </>
        )
      }
    />
  );
}
