import { UploadOutlined } from "@ant-design/icons";
import { Button, InputNumber } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { Loaded } from "../app/Loaded";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { Tone } from "../theme";
import styles from "./Around.module.css";
import { Refused } from "../dialog";

/** A file in the form in which the arrangement is passed around: {year, papers, days: [{name, date, isOffDay}]}. */
function parse(text: string): Schemas["WorkdayInput"] | undefined {
  try {
    const { year, papers, days } = JSON.parse(text) as Partial<Schemas["WorkdayInput"]>;
    if (typeof year !== "number" || !Array.isArray(days)) return undefined;
    return {
      year,
      ...(Array.isArray(papers) && papers.length > 0 ? { papers } : {}),
      days: days.map(({ name, date, isOffDay }) => ({ name, date, isOffDay })),
    };
  } catch {
    return undefined;
  }
}

/** The statutory calendar by which deadlines are counted: days off, and days on which people work all the same. */
export function Workdays() {
  const { t } = useTranslation("around");
  const { query } = useServices();
  const now = useServerNow(3_600_000);
  const sys = hasRole(useMe(), "SYS_ADMIN");
  const [year, setYear] = useState(now.getFullYear());
  const [broken, setBroken] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const shown = useRead("/api/v1/workdays", { query: { year } }, { keepPrevious: true });
  const set = useCommand("put", "/api/v1/workdays", {
    onSuccess: (saved) => {
      setYear(saved.year);
      void query.invalidateQueries({ queryKey: ["/api/v1/workdays"] });
    },
  });
  return (
    <div className={styles.form}>
      <span className={styles.acts}>
        <InputNumber
          aria-label={t("workday.year")}
          min={2000}
          max={2100}
          value={year}
          onChange={(value) => value && setYear(value)}
        />
        {sys && (
          <Button
            icon={<UploadOutlined aria-hidden />}
            loading={set.isPending}
            onClick={() => input.current?.click()}
          >
            {t("workday.import")}
          </Button>
        )}
      </span>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("workday.import")}
        accept="application/json"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          void file?.text().then((text) => {
            const body = parse(text);
            setBroken(!body);
            if (body) set.mutate({ body });
          });
        }}
      />
      {broken && <p role="alert">{t("workday.broken")}</p>}
      <Refused error={set.error} />
      <Loaded query={shown}>
        {(data) => (
          <>
            {!data.known && <Tone kind="caution">{t("workday.unknown", { year })}</Tone>}
            <ul className={styles.list}>
              {data.days.map((d) => (
                <li key={d.date}>
                  <span className={styles.line}>
                    <span>{d.date}</span>
                    <Tone kind={d.isOffDay ? "good" : "caution"}>
                      {t(d.isOffDay ? "workday.off" : "workday.work")}
                    </Tone>
                    <span>{d.name}</span>
                  </span>
                </li>
              ))}
            </ul>
            <p className={styles.quiet}>{data.source}</p>
          </>
        )}
      </Loaded>
    </div>
  );
}
