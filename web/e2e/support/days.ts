const aDay = 86_400_000;

/** The day of an instant in Shanghai, `YYYY-MM-DD`. */
export function dayOf(at: string | Date): string {
  return new Date(new Date(at).getTime() + aDay / 3).toISOString().slice(0, 10);
}

export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * aDay).toISOString().slice(0, 10);
}

/** The Monday of a day's week. */
export function monday(day: string): string {
  return dayAfter(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
}
