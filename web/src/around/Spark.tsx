import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue } from "../api";
import styles from "./Around.module.css";

const width = 120;
const height = 28;

/** The course of a reading as a line, its last point marked; a screen reader hears lowest and highest. */
export function Spark({ of }: { of: Schemas["Trend"] }) {
  const { t } = useTranslation("around");
  const { label } = useCatalogue();
  const values = of.points.map((p) => p.value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const first = Date.parse(of.points[0]?.at ?? "");
  const span = Math.max(1, Date.parse(of.points.at(-1)?.at ?? "") - first);
  const place = (p: Schemas["TrendPoint"]) => {
    const x = 3 + ((Date.parse(p.at) - first) / span) * (width - 6);
    const y = 3 + (1 - (p.value - low) / Math.max(1e-9, high - low)) * (height - 6);
    return [x, high === low ? height / 2 : y] as const;
  };
  const last = of.points.at(-1);
  const [x, y] = last ? place(last) : [0, 0];
  return (
    <svg
      className={styles.spark}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t("desk.trend", { name: label("vitals", of.code), n: values.length, low, high })}
    >
      <polyline
        points={of.points.map((p) => place(p).join(",")).join(" ")}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
      />
      <circle cx={x} cy={y} r="2.5" fill="currentColor" />
    </svg>
  );
}
