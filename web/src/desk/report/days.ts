/** The calendar day at the institutions, `YYYY-MM-DD`. */
export function dayOf(at: Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(at);
}

/** A day `days` days or `months` months after another; the last of the month where that has no such day. */
export function dayAfter(day: string, by: { days?: number; months?: number }): string {
  const [y = 0, m = 1, d = 1] = day.split("-").map(Number);
  const month = m - 1 + (by.months ?? 0);
  const last = new Date(Date.UTC(y, month + 1, 0)).getUTCDate();
  const at = new Date(Date.UTC(y, month, Math.min(d, last) + (by.days ?? 0)));
  return at.toISOString().slice(0, 10);
}
