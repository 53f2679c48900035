/** Puts a list together by a key, in the order in which keys and values come. */
export function grouped<T>(list: readonly T[], by: (one: T) => string): Map<string, T[]> {
  const out = new Map<string, T[]>();
  for (const one of list) {
    const key = by(one);
    const known = out.get(key);
    if (known) known.push(one);
    else out.set(key, [one]);
  }
  return out;
}
