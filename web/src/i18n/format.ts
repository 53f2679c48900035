import type { i18n } from "i18next";
import type { Vital, VitalTerm } from "../api/types";
import type { Language } from "./types";

/** Days and clock times are those of the institutions, wherever the device thinks it is. */
const zone = "Asia/Shanghai";

/** Formats values for people in one language. Instants are RFC 3339 strings or Dates; `now` is the server's clock. */
export interface Format {
  /** `14:32` today, `11月20日 09:05` this year, `2025年3月5日 09:05` otherwise. */
  moment: (at: string | Date, now: Date) => string;
  /** Clock time alone: `14:32`. */
  clock: (at: string | Date) => string;
  /** A calendar day (`YYYY-MM-DD`) or an instant's day: `11月20日 周四`, with the year when it is another. */
  day: (at: string | Date, now?: Date) => string;
  /** A length of time in the two largest units: `3 分 20 秒`, `1 小时 5 分`, `2 天 3 小时`. Seconds; negative counts as zero. */
  span: (seconds: number) => string;
  /** A running clock: `04:07`, `1:04:07`. */
  stopwatch: (seconds: number) => string;
  /** How long ago, coarse: `刚刚`, `5 分前`, `3 小时前`. */
  ago: (at: string | Date, now: Date) => string;
  age: (years: number) => string;
  sex: (code: "0" | "1" | "2" | "9") => string;
  number: (value: number, decimals?: number) => string;
  bytes: (count: number) => string;
  /** Things in a row, as the language writes them: `甲、乙`, `a, b`. */
  list: (words: readonly (string | undefined)[]) => string;
  /** What is said under a name: `理由：头晕`, `Why: dizzy`. */
  named: (name: string, words: string) => string;
  /** A reading with its unit, or the qualifier that stands for it: `88 %`, `测不出`. */
  vital: (
    vital: Pick<Vital, "value" | "qualifier">,
    term: Pick<VitalTerm, "decimals" | "unitLabel">,
  ) => string;
  /** An arrow and a word for a reading's flag; undefined when it is normal. */
  vitalFlag: (
    flag: string,
  ) => { arrow: "↑" | "↓" | "↑↑" | "↓↓"; word: string; critical: boolean } | undefined;
}

const flags = {
  LOW: { arrow: "↓", critical: false },
  HIGH: { arrow: "↑", critical: false },
  CRITICAL_LOW: { arrow: "↓↓", critical: true },
  CRITICAL_HIGH: { arrow: "↑↑", critical: true },
} as const;

export function createFormat(instance: i18n, language: Language): Format {
  const t = instance.getFixedT(language, "common");
  const formatter = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language === "en" ? "en-GB" : "zh-CN", { timeZone: zone, ...options });
  const dayKey = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const time = formatter({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const monthDay = formatter({ month: language === "en" ? "short" : "long", day: "numeric" });
  const full = formatter({ year: "numeric", month: language === "en" ? "short" : "long", day: "numeric" });
  const weekday = formatter({ weekday: "short" });

  const date = (at: string | Date) => {
    if (at instanceof Date) return at;
    return /^\d{4}-\d{2}-\d{2}$/.test(at) ? new Date(`${at}T12:00:00+08:00`) : new Date(at);
  };
  const sameYear = (a: Date, b: Date) => dayKey.format(a).slice(0, 4) === dayKey.format(b).slice(0, 4);

  const span = (seconds: number) => {
    const s = Math.max(0, Math.floor(seconds));
    const days = Math.floor(s / 86400);
    const hours = Math.floor(s / 3600) % 24;
    const minutes = Math.floor(s / 60) % 60;
    const parts: string[] = [];
    if (days) parts.push(t("time.day", { n: days }));
    if (hours) parts.push(t("time.hour", { n: hours }));
    if (minutes && !days) parts.push(t("time.minute", { n: minutes }));
    if (s % 60 && !days && !hours) parts.push(t("time.second", { n: s % 60 }));
    return parts.length ? parts.join(" ") : t("time.second", { n: 0 });
  };

  return {
    moment(at, now) {
      const then = date(at);
      if (dayKey.format(then) === dayKey.format(now)) return time.format(then);
      return `${(sameYear(then, now) ? monthDay : full).format(then)} ${time.format(then)}`;
    },
    clock: (at) => time.format(date(at)),
    day(at, now) {
      const then = date(at);
      return `${(now && !sameYear(then, now) ? full : monthDay).format(then)} ${weekday.format(then)}`;
    },
    span,
    stopwatch(seconds) {
      const s = Math.max(0, Math.floor(seconds));
      const two = (n: number) => String(n).padStart(2, "0");
      const hours = Math.floor(s / 3600);
      const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
      return hours ? `${hours}:${rest}` : rest;
    },
    ago(at, now) {
      const s = Math.floor((now.getTime() - date(at).getTime()) / 1000);
      if (s < 60) return t("time.justNow");
      const coarse = s < 3600 ? s - (s % 60) : s < 86400 ? s - (s % 3600) : s - (s % 86400);
      return t("time.ago", { span: span(coarse) });
    },
    age: (years) => t("time.years", { n: years }),
    sex: (code) => t(`sex.${code}`),
    number: (value, decimals = 0) =>
      new Intl.NumberFormat(language, {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
      }).format(value),
    list: (words) => words.filter(Boolean).join(language === "en" ? ", " : "、"),
    named: (name, words) => `${name}${language === "en" ? ": " : "："}${words}`,
    bytes(count) {
      if (count < 1024) return `${count} B`;
      if (count < 1024 * 1024) return `${Math.round(count / 1024)} KB`;
      return `${(count / 1024 / 1024).toFixed(1)} MB`;
    },
    vital(vital, term) {
      if (vital.qualifier) return t(`vital.${vital.qualifier}`);
      if (vital.value === undefined) return t("states.none");
      return `${vital.value.toFixed(term.decimals)} ${term.unitLabel}`.trim();
    },
    vitalFlag(flag) {
      if (!(flag in flags)) return undefined;
      const known = flag as keyof typeof flags;
      return { ...flags[known], word: t(`vital.${known}`) };
    },
  };
}
