import type { Schemas } from "../../api";

/**
 * Birth date and sex that an identity card's number carries (GB 11643), or undefined when it is not one: 18 characters and a
 * check character that fits. Only a help while typing; the server judges.
 */
export function readIdentityNumber(number: string): { birthDate: string; sex: Schemas["Sex"] } | undefined {
  const match = /^\d{6}(\d{4})(\d{2})(\d{2})\d{2}(\d)[\dX]$/.exec(number);
  if (!match) return undefined;
  const sum = number
    .slice(0, 17)
    .split("")
    .reduce((total, digit, i) => total + Number(digit) * (2 ** (17 - i) % 11), 0);
  if ("10X98765432"[sum % 11] !== number[17]) return undefined;
  const [, year, month, day, order] = match;
  return { birthDate: `${year}-${month}-${day}`, sex: Number(order) % 2 === 1 ? "1" : "2" };
}
