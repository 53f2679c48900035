import type { Resident, Schemas } from "../../api";

type ResidentInput = Schemas["ResidentInput"];

/** The form's values: as the contract, but that nothing need be there yet. */
export interface ResidentValues extends Omit<
  ResidentInput,
  "birthDate" | "admittedOn" | "guardians" | "abilityLevel"
> {
  birthDate?: string;
  admittedOn?: string;
  leftOn?: string | undefined;
  abilityLevel?: string | null;
  guardians?: Partial<Schemas["Guardian"]>[];
}

/** What the form begins with. The number of the document is not sent to the page: empty keeps the stored one. */
export function valuesOf(resident: Resident | undefined, today: string): Partial<ResidentValues> {
  if (!resident) {
    return { idType: "01", capacity: "FULL", preferredLanguage: "zh-CN", admittedOn: today, guardians: [] };
  }
  const { card } = resident;
  return {
    name: card.name,
    idType: resident.idType as ResidentInput["idType"],
    sex: card.sex,
    birthDate: resident.birthDate,
    phone: resident.phone ?? "",
    ...(resident.ethnicCode ? { ethnicCode: resident.ethnicCode } : {}),
    preferredLanguage: card.preferredLanguage,
    ward: card.ward,
    bed: card.bed,
    abilityLevel: card.abilityLevel === undefined ? null : String(card.abilityLevel),
    capacity: resident.capacity,
    allergies: resident.allergies,
    hearingImpaired: card.hearingImpaired,
    sightImpaired: card.sightImpaired,
    risks: card.risks,
    conditionCodes: card.conditionCodes,
    guardians: resident.guardians,
    admittedOn: resident.admittedOn,
    leftOn: resident.leftOn,
  };
}

/** The form as the contract takes it: empty fields are left out. */
export function inputOf(values: ResidentValues): ResidentInput & { leftOn?: string } {
  const { birthDate, admittedOn, leftOn, abilityLevel, guardians, ...rest } = values;
  const filled = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  ) as unknown as Omit<ResidentInput, "birthDate" | "admittedOn">;
  return {
    ...filled,
    // Required by the contract even when nothing was entered: the server names what is missing.
    name: values.name?.trim() ?? "",
    ward: values.ward?.trim() ?? "",
    bed: values.bed?.trim() ?? "",
    birthDate: birthDate ?? "",
    admittedOn: admittedOn ?? "",
    allergies: values.allergies?.trim() ?? "",
    guardians: (guardians ?? []).map((g) => ({
      name: g.name?.trim() ?? "",
      relation: g.relation ?? "",
      ...(g.phone?.trim() ? { phone: g.phone.trim() } : {}),
      isGuardian: g.isGuardian ?? false,
    })),
    ...(abilityLevel ? { abilityLevel: Number(abilityLevel) } : {}),
    ...(leftOn ? { leftOn } : {}),
  };
}
