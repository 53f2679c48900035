import { useMemo } from "react";
import { useLanguage } from "../i18n/useLanguage";
import { useSessionState } from "../auth/useSession";
import { useRead } from "./hooks";
import type { Catalogue, Schemas, VitalTerm } from "./types";

type Term = Schemas["Term"];

/** The lists of the catalogue. */
export type TermList = Exclude<keyof Catalogue, "lists">;

/** The lists from which people choose in the life of a consultation. */
export type LifeList =
  | "rule_mark"
  | "gate_stage"
  | "gate_effect"
  | "goal"
  | "count_rule"
  | "complaint_finding"
  | "mend_by"
  | "declaration"
  | "lacking"
  | "unsuitable_reason"
  | "destination"
  | "go_within"
  | "abort_reason"
  | "no_show_reason"
  | "reschedule_reason"
  | "close_reason"
  | "void_reason"
  | "unseal_basis"
  | "revisit_evidence"
  | "risk_group"
  | "fd_package"
  | "fd_package_item"
  | "fd_contract_state"
  | "fd_contract_action"
  | "fd_signed_how"
  | "fd_termination"
  | "fd_member_part"
  | "contact_kind"
  | "recall_result"
  | "plan_kind"
  | "plan_due"
  | "purpose"
  | "hand_over_reason"
  | "remote_exam"
  | "advice_phrase"
  | "certainty"
  | "visit_state"
  | "visit_action"
  | "visit_source"
  | "visit_end"
  | "visit_eligibility"
  | "visit_signer"
  | "visit_two"
  | "visit_event"
  | "round_state"
  | "round_entry"
  | "round_why"
  | "round_skip"
  | "round_pause"
  | "round_cancel"
  | "bed_state"
  | "bed_action"
  | "bed_close"
  | "preparation"
  | "audited_action"
  | "audited_object"
  | "audited_result";

export interface Option {
  value: string;
  label: string;
  search: string;
}

export interface CatalogueLabels {
  /** undefined until it is read */
  catalogue: Catalogue | undefined;
  /** The label of a code in the page's language; the code itself while unknown. */
  label: (list: TermList, code: string | undefined) => string;
  /** Labels of several codes. */
  labels: (list: TermList, codes: readonly string[]) => string[];
  reason: (code: string) => Schemas["ReasonTerm"] | undefined;
  redFlag: (code: string) => (Schemas["RedFlagTerm"] & { measures: string[] }) | undefined;
  vital: (code: string) => VitalTerm | undefined;
  /** Options of a list for a Select, without retired codes; `search` (code, label, pinyin initials) is what people find them by. */
  options: (list: TermList) => Option[];
  /** Options of a list of the life of a consultation. */
  choices: (list: LifeList) => { value: string; label: string }[];
  /** The label of a code of such a list; the code itself while unknown. */
  chosen: (list: LifeList, code: string | undefined) => string;
  /** A server sentence with its placeholders filled. */
  sentence: (code: string, args?: Record<string, string>) => string;
}

/** ms: an administrator may replace a code table while the page is open. */
const catalogueStale = 30 * 60_000;

/** Labels for all codes of the contract. Never print a code. */
export function useCatalogue(): CatalogueLabels {
  const language = useLanguage();
  const signedIn = useSessionState().phase === "signedIn";
  const { data, isPending } = useRead(
    "/api/v1/catalogue",
    {},
    { staleTime: catalogueStale, enabled: signedIn },
  );
  return useMemo(() => catalogueLabels(data, language, isPending), [data, language, isPending]);
}

/**
 * The words of a catalogue. While it is on its way (`coming`) a code has no word: nobody reads codes for a moment. Where it cannot be had,
 * and for codes that it lacks, the code itself is better than nothing.
 */
export function catalogueLabels(
  catalogue: Catalogue | undefined,
  language: "zh-CN" | "en",
  coming = false,
): CatalogueLabels {
  const lists = new Map<TermList, Map<string, Term>>();
  const list = (name: TermList) => {
    let known = lists.get(name);
    if (!known) {
      known = new Map((catalogue?.[name] ?? []).map((term) => [term.code, term]));
      lists.set(name, known);
    }
    return known;
  };
  const text = (term: { zh: string; en: string }) => (language === "en" && term.en ? term.en : term.zh);
  const label = (name: TermList, code: string | undefined) => {
    if (!code) return "";
    const term = list(name).get(code);
    return term ? text(term) : coming ? "" : code;
  };
  return {
    catalogue,
    label,
    labels: (name, codes) => codes.map((code) => label(name, code)),
    reason: (code) => catalogue?.reasons.find((r) => r.code === code),
    redFlag(code) {
      const flag = catalogue?.redFlags.find((f) => f.code === code);
      return flag && { ...flag, measures: language === "en" ? flag.measuresEn : flag.measuresZh };
    },
    vital: (code) => catalogue?.vitals.find((v) => v.code === code),
    choices: (name) =>
      (catalogue?.lists?.[name] ?? []).map((term) => ({ value: term.code, label: text(term) })),
    chosen: (name, code) => {
      const term = catalogue?.lists?.[name]?.find((one) => one.code === code);
      return term ? text(term) : coming ? "" : (code ?? "");
    },
    options: (name) =>
      [...list(name).values()]
        .filter((term) => !term.retired)
        .map((term) => ({
          value: term.code,
          label: text(term),
          search: [term.code, term.zh, text(term), term.initials].filter(Boolean).join(" "),
        })),
    sentence: (code, args = {}) =>
      label("sentences", code).replaceAll(/\{(\w+)\}/g, (whole, name: string) => args[name] ?? whole),
  };
}
