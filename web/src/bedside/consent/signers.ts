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
  method: NonNullable<Schemas["ConsentInput"]["method"]>;
  signature: string | null;
  codeId: string;
  code: string;
  evidenceId: string;
  witness: Schemas["SecondWitness"];
  reason: string;
}

export type ConsentField =
  | "signerName"
  | "relation"
  | "ticks"
  | "signaturePng"
  | "code"
  | "evidenceId"
  | "secondWitness"
  | "reason";

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
  missing.push(...missingProof(form));
  return missing;
}

function missingProof(form: ConsentForm): ConsentField[] {
  switch (form.method) {
    case "SMS_CODE":
      return form.codeId && form.code.length === 6 ? [] : ["code"];
    case "PAPER_SCAN":
      return form.evidenceId ? [] : ["evidenceId"];
    case "VOICE_VIDEO": {
      const out: ConsentField[] = form.evidenceId ? [] : ["evidenceId"];
      return form.witness.username && form.witness.password ? out : [...out, "secondWitness"];
    }
    default:
      return form.signature ? [] : ["signaturePng"];
  }
}

/** What proves the consent, as the contract takes it. */
function proofOf(form: ConsentForm): Partial<Schemas["ConsentInput"]> {
  const { method } = form;
  switch (method) {
    case "SMS_CODE":
      return { method, codeId: form.codeId, code: form.code };
    case "PAPER_SCAN":
      return { method, evidenceId: form.evidenceId };
    case "VOICE_VIDEO":
      return { method, evidenceId: form.evidenceId, secondWitness: form.witness };
    default:
      return form.signature ? { signaturePng: form.signature } : {};
  }
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
    ...(emergency ? {} : proofOf(form)),
    ...(reason && form.signer !== "SELF" ? { reason } : {}),
  };
}
