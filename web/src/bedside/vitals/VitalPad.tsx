import { DeleteOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, useCatalogue, useCommand, type VitalInput, type VitalTerm } from "../../api";
import { Choice, Choices } from "../parts/Choice";
import { judge, padKeys, press, type Qualifier } from "./entry";
import styles from "./Vitals.module.css";
import { Dialog, Refused } from "../../dialog";
import { Notice } from "../../theme";

interface Entry {
  text: string;
  qualifier: Qualifier | undefined;
}

const blank: Entry = { text: "", qualifier: undefined };

/** Enters one measurement: digits, or 测不出 / HI / LO. Two fields for blood pressure. */
export function VitalPad({
  consultationId,
  terms,
  onClose,
  onDiscard,
}: {
  consultationId: string;
  terms: VitalTerm[];
  onClose: () => void;
  /** the tile shows an older value that need not be taken over */
  onDiscard?: () => void;
}) {
  const { t } = useTranslation(["bedside", "common"]);
  const { label } = useCatalogue();
  const [entries, setEntries] = useState<Record<string, Entry>>({});
  const [active, setActive] = useState(0);
  const [confirmed, setConfirmed] = useState(false);
  const [pressed, setPressed] = useState(false);
  const fields = useRef<(HTMLInputElement | null)[]>([]);
  const add = useCommand("post", "/api/v1/consultations/{id}/vitals", { onSuccess: onClose });
  const errorId = useId();

  const entryOf = (term: VitalTerm) => entries[term.code] ?? blank;
  const set = (term: VitalTerm, entry: Entry) => {
    setEntries({ ...entries, [term.code]: entry });
    setConfirmed(false);
    setPressed(false);
    add.reset();
  };
  const focus = (i: number) => {
    setActive(i);
    fields.current[i]?.focus();
  };
  const term = terms[active];
  const title = terms.length > 1 ? t("vitals.bloodPressure") : label("vitals", terms[0]?.code);
  const judged = terms.map((each) => ({
    term: each,
    entry: entryOf(each),
    verdict: judge(entryOf(each).text, each),
  }));
  const incomplete = judged.some(({ entry, verdict }) => !entry.qualifier && verdict.kind === "empty");
  const impossible = judged.filter(
    ({ term: each, entry, verdict }) =>
      !entry.qualifier &&
      verdict.kind === "impossible" &&
      // "2" on the way to "23" is below what is possible, but nobody is done yet.
      (pressed || verdict.value > each.possibleHigh),
  );
  const unusual = judged.flatMap(({ term: each, entry, verdict }) =>
    !entry.qualifier && verdict.kind === "ask" ? [{ term: each, value: verdict.value }] : [],
  );
  const serverAsks = serverWantsConfirmation(add.error);
  const asking = pressed && impossible.length === 0 && !confirmed && (unusual.length > 0 || serverAsks);

  const send = (sure: boolean) => {
    const readings: VitalInput[] = judged.map(({ term: each, entry, verdict }) => ({
      code: each.code,
      ...(entry.qualifier
        ? { qualifier: entry.qualifier }
        : { value: "value" in verdict ? verdict.value : 0 }),
      ...(sure ? { confirmed: true } : {}),
      source: "MANUAL",
    }));
    add.mutate({ path: { id: consultationId }, body: { readings } });
  };
  const done = () => {
    setPressed(true);
    const next = judged.findIndex(({ entry, verdict }) => !entry.qualifier && verdict.kind === "empty");
    if (next >= 0) {
      focus(next);
      return;
    }
    if (judged.some(({ entry, verdict }) => !entry.qualifier && verdict.kind === "impossible")) return;
    if (unusual.length === 0) send(false);
  };
  const sure = () => {
    setConfirmed(true);
    send(true);
  };

  return (
    <Dialog
      open
      title={title}
      onClose={onClose}
      width="narrow"
      footer={
        <div className={styles.padFooter}>
          {onDiscard && (
            <Button
              icon={<DeleteOutlined aria-hidden />}
              onClick={() => {
                onDiscard();
                onClose();
              }}
            >
              {t("vitals.discard")}
            </Button>
          )}
          <Button onClick={onClose}>{t("common:actions.cancel")}</Button>
          <Button type="primary" loading={add.isPending} disabled={asking} onClick={done}>
            {incomplete && terms.length > 1 && active === 0 ? t("common:actions.next") : t("vitals.confirm")}
          </Button>
        </div>
      }
    >
      <form
        className={styles.pad}
        onSubmit={(event) => {
          event.preventDefault();
          if (asking) sure();
          else done();
        }}
      >
        <div className={styles.fields}>
          {terms.map((each, i) => (
            <label key={each.code} className={styles.field} data-active={i === active}>
              <span>
                {label("vitals", each.code)}{" "}
                {each.unitLabel && <span className={styles.unit}>{each.unitLabel}</span>}
              </span>
              <input
                ref={(element) => {
                  fields.current[i] = element;
                }}
                className={styles.input}
                // The pad below is the keyboard; a real one works as well.
                inputMode="none"
                autoComplete="off"
                // oxlint-disable-next-line jsx-a11y/no-autofocus -- the sheet was opened to type into it
                autoFocus={i === 0}
                value={
                  entryOf(each).qualifier
                    ? t(`vitals.qualifier.${entryOf(each).qualifier ?? "HI"}`)
                    : entryOf(each).text
                }
                aria-invalid={impossible.some((x) => x.term === each)}
                aria-describedby={errorId}
                onFocus={() => setActive(i)}
                onChange={(event) => {
                  const text = event.target.value.replace(",", ".");
                  if (/^\d{0,3}(\.\d{0,2})?$/.test(text)) set(each, { text, qualifier: undefined });
                }}
              />
            </label>
          ))}
        </div>
        <div id={errorId} role="alert" className={styles.messages}>
          {impossible.map(({ term: each, verdict }) => (
            <Notice key={each.code} kind="danger">
              {t("vitals.impossible", {
                value: "value" in verdict ? verdict.value : "",
                unit: each.unitLabel,
                low: tidy(each.possibleLow),
                high: tidy(each.possibleHigh),
              })}
            </Notice>
          ))}
          {asking && (
            <Notice
              kind="caution"
              action={
                <span className={styles.padFooter}>
                  <Button
                    onClick={() => {
                      setPressed(false);
                      const first = terms.findIndex((each) => each === unusual[0]?.term);
                      focus(Math.max(0, first));
                      if (term) set(terms[Math.max(0, first)] ?? term, blank);
                    }}
                  >
                    {t("vitals.retype")}
                  </Button>
                  <Button type="primary" loading={add.isPending} onClick={sure}>
                    {t("vitals.sure")}
                  </Button>
                </span>
              }
            >
              {unusual.length > 0
                ? unusual.map(({ term: each, value }) => (
                    <p key={each.code}>
                      {t("vitals.isItReally", { value: value.toFixed(each.decimals) })}{" "}
                      {t("vitals.usually", { low: tidy(each.plausibleLow), high: tidy(each.plausibleHigh) })}
                    </p>
                  ))
                : fieldSentences(add.error).map((sentence) => <p key={sentence}>{sentence}</p>)}
            </Notice>
          )}
          {!asking &&
            fieldSentences(add.error).map((sentence) => (
              <Notice key={sentence} kind="danger">
                {sentence}
              </Notice>
            ))}
        </div>
        {!asking && fieldSentences(add.error).length === 0 && <Refused error={add.error} />}
        {term && !asking && (
          <>
            <div className={styles.keys} role="group" aria-label={t("vitals.pad")}>
              {padKeys.map((key) => (
                <button
                  key={key}
                  type="button"
                  className={styles.key}
                  tabIndex={-1}
                  aria-label={key === "back" ? t("vitals.back") : key === "." ? t("vitals.point") : key}
                  disabled={key === "." && term.decimals === 0}
                  onClick={() => {
                    set(term, { text: press(entryOf(term).text, key, term), qualifier: undefined });
                    fields.current[active]?.focus();
                  }}
                >
                  {key === "back" ? "⌫" : key}
                </button>
              ))}
            </div>
            {term.qualifiers.length > 0 && (
              <Choices label={t("vitals.instead")}>
                {term.qualifiers.map((qualifier) => (
                  <Choice
                    key={qualifier}
                    chosen={entryOf(term).qualifier === qualifier}
                    onClick={() => {
                      const off = entryOf(term).qualifier === qualifier;
                      set(term, { text: "", qualifier: off ? undefined : qualifier });
                      if (!off && active + 1 < terms.length) focus(active + 1);
                    }}
                  >
                    {t(`common:vital.${qualifier}`)}
                  </Choice>
                ))}
              </Choices>
            )}
          </>
        )}
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </form>
    </Dialog>
  );
}

/** A bound as a person would write it. */
function tidy(bound: number): string {
  return String(Number(bound.toFixed(2)));
}

function serverWantsConfirmation(error: unknown): boolean {
  const fields = error instanceof ApiError ? (error.problem.fields ?? []) : [];
  return fields.length > 0 && fields.every((f) => f.code === "vital_needs_confirmation");
}

function fieldSentences(error: unknown): string[] {
  return error instanceof ApiError ? [...new Set((error.problem.fields ?? []).map((f) => f.message))] : [];
}
