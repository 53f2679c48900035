import type { ResidentCard } from "../../api";

/** Residents that a nurse means by what she types: a bed (`2` finds `02`), a part of the name, pinyin initials. */
export function findResidents<T extends Pick<ResidentCard, "name" | "bed" | "ward" | "initials">>(
  residents: readonly T[],
  typed: string,
): readonly T[] {
  const word = typed.trim().toLowerCase().replaceAll(/\s+/g, "");
  if (word === "") return residents;
  return residents.filter(({ name, bed, ward, initials }) => {
    const number = bed.toLowerCase();
    return (
      number.startsWith(word) ||
      number.replace(/^0+/, "") === word.replace(/^0+/, "") ||
      `${ward}${bed}`.toLowerCase().startsWith(word) ||
      name.toLowerCase().replaceAll(/\s+/g, "").includes(word) ||
      initials.toLowerCase().startsWith(word)
    );
  });
}
