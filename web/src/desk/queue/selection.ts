/** The row that ↑ or ↓ goes to: it stays at the ends, and begins at the first or last when nothing is chosen. */
export function moved(ids: readonly string[], selected: string | undefined, by: 1 | -1): string | undefined {
  if (ids.length === 0) return undefined;
  const at = selected === undefined ? -1 : ids.indexOf(selected);
  if (at === -1) return by === 1 ? ids[0] : ids.at(-1);
  return ids[Math.min(ids.length - 1, Math.max(0, at + by))];
}
