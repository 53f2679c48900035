import { ExclamationCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCatalogue, type Vital, type VitalTerm } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { can } from "../request/progress";
import { newestByCode, tiles, wanted } from "./entry";
import { VitalPad } from "./VitalPad";
import styles from "./Vitals.module.css";

const none = new Map<string, Vital>();

/** The measurements as tiles: measured, taken over with their age, or visibly missing. A tap opens the number pad. */
export function VitalsGrid({
  c,
  reused = none,
  onDiscard,
}: {
  c: Pick<Consultation, "id" | "vitals" | "actions">;
  /** readings of the last 24 h that would be taken over */
  reused?: ReadonlyMap<string, Vital>;
  onDiscard?: (codes: string[]) => void;
}) {
  const { t } = useTranslation("bedside");
  const catalogue = useCatalogue();
  const own = newestByCode(c.vitals);
  const [open, setOpen] = useState<readonly string[]>();
  const editable = can(c, "addVitals");
  const termsOf = (codes: readonly string[]) =>
    codes.map((code) => catalogue.vital(code)).filter((term) => term !== undefined);
  const opened = open ? termsOf(open) : [];
  return (
    <>
      <ul className={styles.grid} aria-label={t("vitals.title")}>
        {tiles.map((codes) => {
          const terms = termsOf(codes);
          return terms.length === codes.length ? (
            <Tile
              key={codes.join()}
              terms={terms}
              own={own}
              reused={reused}
              disabled={!editable}
              onOpen={() => setOpen(codes)}
            />
          ) : null;
        })}
      </ul>
      {opened.length > 0 && (
        <VitalPad
          consultationId={c.id}
          terms={opened}
          onClose={() => setOpen(undefined)}
          {...(onDiscard && open?.some((code) => reused.has(code))
            ? { onDiscard: () => onDiscard([...open]) }
            : {})}
        />
      )}
    </>
  );
}

function Tile({
  terms,
  own,
  reused,
  disabled,
  onOpen,
}: {
  terms: VitalTerm[];
  own: ReadonlyMap<string, Vital>;
  reused: ReadonlyMap<string, Vital>;
  disabled: boolean;
  onOpen: () => void;
}) {
  const { t } = useTranslation("bedside");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const readings = terms.map(({ code }) => own.get(code) ?? reused.get(code));
  const first = readings[0];
  const isOld = first !== undefined && !own.has(first.code);
  const title = terms.length > 1 ? t("vitals.bloodPressure") : label("vitals", terms[0]?.code);
  const needed = wanted.has(terms[0]?.code ?? "");
  const flagged = readings
    .map((r) => r && format.vitalFlag(r.flag))
    .toSorted((a, b) => Number(b?.critical ?? 0) - Number(a?.critical ?? 0))
    .find((flag) => flag !== undefined);
  const words = first
    ? [
        `${readings.map((r, i) => (r ? short(r, terms[i]) : t("vitals.missing"))).join(" / ")} ${first.qualifier ? "" : (terms[0]?.unitLabel ?? "")}`.trim(),
        flagged?.word,
        isOld
          ? t("vitals.reused", { ago: format.ago(first.takenAt, now) })
          : t("vitals.takenAt", { time: format.moment(first.takenAt, now) }),
      ]
        .filter(Boolean)
        .join(t("vitals.comma"))
    : needed
      ? t("vitals.missing")
      : t("vitals.add");
  return (
    <li>
      <button
        type="button"
        className={styles.tile}
        data-state={first ? (isOld ? "old" : "own") : needed ? "missing" : "free"}
        disabled={disabled}
        aria-label={t("vitals.tile", { name: title, value: words })}
        onClick={onOpen}
      >
        <span className={styles.tileTitle}>{title}</span>
        {first ? (
          <>
            <span className={styles.value}>
              {readings.map((r, i) => (
                <span key={terms[i]?.code}>
                  {i > 0 && " / "}
                  {r ? short(r, terms[i]) : t("vitals.missing")}
                </span>
              ))}{" "}
              <span className={styles.unit}>{first.qualifier ? "" : terms[0]?.unitLabel}</span>
            </span>
            {flagged && (
              <span className={styles.flag} data-critical={flagged.critical}>
                {flagged.arrow} {flagged.word}
              </span>
            )}
            <span className={styles.age}>
              {isOld
                ? t("vitals.reused", { ago: format.ago(first.takenAt, now) })
                : t("vitals.takenAt", { time: format.moment(first.takenAt, now) })}
            </span>
          </>
        ) : needed ? (
          <span className={styles.missing}>
            <ExclamationCircleOutlined aria-hidden /> {t("vitals.missing")}
          </span>
        ) : (
          <span className={styles.free}>
            <PlusOutlined aria-hidden /> {t("vitals.add")}
          </span>
        )}
      </button>
    </li>
  );

  function short(reading: Vital, term: VitalTerm | undefined): string {
    if (reading.qualifier) return t(`vitals.qualifier.${reading.qualifier}`);
    return reading.value === undefined ? t("vitals.missing") : reading.value.toFixed(term?.decimals ?? 0);
  }
}
