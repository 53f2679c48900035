import type { Schemas } from "../api/types";
import type { Format } from "../i18n/format";

/** The value of an indicator with its unit; undefined is none. */
export function measure(
  format: Format,
  unit: Schemas["Indicator"]["unit"],
  value: number | undefined,
): string | undefined {
  if (value === undefined) return undefined;
  if (unit === "COUNT") return format.number(value);
  if (unit === "SECONDS") return format.span(value);
  return unit === "PERCENT" ? `${format.number(value, 2)}%` : format.number(value, 2);
}
