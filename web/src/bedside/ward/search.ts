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

const numerals = "零一二三四五六七八九十";

/** 二区 comes before 三区, bed 2 before bed 10. */
const inOrder = new Intl.Collator("zh-CN", { numeric: true });
const arabic = (name: string) =>
  name.replaceAll(/[一二三四五六七八九十]/g, (c) => String(numerals.indexOf(c)));

/** Residents by ward and bed, as one walks along them. */
export function byBed(a: Pick<ResidentCard, "ward" | "bed">, b: Pick<ResidentCard, "ward" | "bed">): number {
  return inOrder.compare(arabic(a.ward), arabic(b.ward)) || inOrder.compare(a.bed, b.bed);
}
