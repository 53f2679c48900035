/**
 * The lunar calendar as browsers know it (ICU), for the heads of the week. A day has a name when a festival of the people falls on it; statutory
 * days off and make-up days come from the server.
 */
const parts = new Intl.DateTimeFormat("en-u-ca-chinese", {
  timeZone: "Asia/Shanghai",
  month: "numeric",
  day: "numeric",
});

const festivals = {
  "1-1": "springFestival",
  "1-15": "lantern",
  "2-2": "dragonHead",
  "5-5": "dragonBoat",
  "7-7": "qixi",
  "7-15": "zhongyuan",
  "8-15": "midAutumn",
  "9-9": "doubleNinth",
  "12-8": "laba",
} as const;

export type Festival = (typeof festivals)[keyof typeof festivals] | "newYearsEve";

export interface LunarDay {
  /** 1 to 12 */
  month: number;
  leap: boolean;
  /** 1 to 30 */
  day: number;
  festival?: Festival;
}

function read(day: string): LunarDay | undefined {
  const found = parts.formatToParts(new Date(`${day}T12:00:00+08:00`));
  const month = found.find((p) => p.type === "month")?.value ?? "";
  const date = Number(found.find((p) => p.type === "day")?.value);
  const number = Number.parseInt(month, 10);
  if (!(number >= 1 && number <= 12 && date >= 1 && date <= 30)) return undefined;
  return { month: number, leap: month.length > String(number).length, day: date };
}

/** The lunar day of a day (`YYYY-MM-DD`); undefined where the browser does not know the calendar. */
export function lunarOf(day: string): LunarDay | undefined {
  const of = read(day);
  if (!of) return undefined;
  const festival = of.leap ? undefined : festivals[`${of.month}-${of.day}` as keyof typeof festivals];
  if (festival) return { ...of, festival };
  // The last day of the year is the 29th or the 30th.
  const next = of.month === 12 && of.day >= 29 ? read(after(day)) : undefined;
  return next?.month === 1 && next.day === 1 ? { ...of, festival: "newYearsEve" } : of;
}

function after(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

const tens = ["初", "十", "廿", "三"];
const digits = ["十", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
const months = ["正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "冬", "腊"];

/** As Chinese calendars write it: 初九, and 冬月 on the first of a month. */
export function lunarWords({ month, leap, day }: LunarDay): string {
  if (day === 1) return `${leap ? "闰" : ""}${months[month - 1]}月`;
  if (day === 20) return "二十";
  if (day === 30) return "三十";
  return `${tens[day === 10 ? 0 : Math.floor(day / 10)]}${digits[day % 10]}`;
}
