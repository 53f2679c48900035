/** Words before an extension, as numbers are written in China and in English. */
const extension = /\s*(?:转|分机|ext\.?)\s*/i;

/**
 * The address that dials a number as people write it: an extension (转) is dialled after a pause, everything else that is no
 * digit goes. Undefined where there is nothing to dial.
 */
export function dialled(number: string): string | undefined {
  const [main = "", ...extensions] = number.split(extension).map((part) => part.replaceAll(/[^\d+]/g, ""));
  if (!main) return undefined;
  return `tel:${[main, ...extensions.filter(Boolean)].join(",")}`;
}
