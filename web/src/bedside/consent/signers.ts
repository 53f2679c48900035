import type { Schemas, Urgency } from "../../api";

export type SignerKind = Schemas["ConsentInput"]["signerKind"];
export type Tick = Schemas["ConsentTick"]["code"];

/**
 * Who may consent, by the resident's capacity for civil acts: who has it signs, or a near relative when telling the resident
 * would do harm; for who has not, a guardian in the legal order. Only in a critical case may the institution approve, when
 * nobody can be reached.
 */
export function signersFor(capacity: Schemas["Capacity"], urgency: Urgency): SignerKind[] {
  const signers: SignerKind[] = capacity === "FULL" ? ["SELF", "NEAR_RELATIVE"] : ["LEGAL_GUARDIAN"];
  return urgency === "CRITICAL" ? [...signers, "INSTITUTION_EMERGENCY"] : signers;
}

/** Guardians on file who may sign as this kind of signer, those of the register first. */
export function guardiansFor(
  kind: SignerKind,
  guardians: readonly Schemas["Guardian"][],
): Schemas["Guardian"][] {
  if (kind === "LEGAL_GUARDIAN") {
    return guardians.toSorted((a, b) => Number(b.isGuardian ?? true) - Number(a.isGuardian ?? true));
  }
  return kind === "NEAR_RELATIVE" ? guardians.filter((g) => g.relation !== "OTHER") : [];
}

export interface ConsentForm {
  signer: SignerKind;
  name: string;
  relation: string;
  ticks: Tick[];
  signature: string | null;
  reason: string;
}

export type ConsentField = "signerName" | "relation" | "ticks" | "signaturePng" | "reason";

/** What is still missing before the consent can be sent, in the order of the form. */
export function missingFor(form: ConsentForm, required: readonly Tick[]): ConsentField[] {
  if (form.signer === "INSTITUTION_EMERGENCY") return form.reason.trim() === "" ? ["reason"] : [];
  const missing: ConsentField[] = [];
  if (form.signer !== "SELF") {
    if (form.name.trim() === "") missing.push("signerName");
    if (form.relation === "") missing.push("relation");
  }
  if (form.signer === "NEAR_RELATIVE" && form.reason.trim() === "") missing.push("reason");
  if (required.some((tick) => !form.ticks.includes(tick))) missing.push("ticks");
  if (!form.signature) missing.push("signaturePng");
  return missing;
}

/** The form as the contract takes it. */
export function asConsentInput(form: ConsentForm, text: Schemas["ConsentText"]): Schemas["ConsentInput"] {
  const emergency = form.signer === "INSTITUTION_EMERGENCY";
  const other = !emergency && form.signer !== "SELF";
  const reason = form.reason.trim();
  return {
    signerKind: form.signer,
    ...(other ? { signerName: form.name.trim(), relation: form.relation } : {}),
    textVersion: text.version,
    textHash: text.hash,
    locale: text.locale,
    ticks: emergency ? [] : form.ticks,
    ...(form.signature && !emergency ? { signaturePng: form.signature } : {}),
    ...(reason && form.signer !== "SELF" ? { reason } : {}),
  };
}
