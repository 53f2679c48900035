/** A stretch of text that both versions have, that only the newer or only the older one has. */
export interface Stretch {
  kind: "same" | "added" | "removed";
  text: string;
}

/** How many pieces of a text are compared; longer ones are shown as replaced. */
const most = 2000;

/** A text in the pieces that are compared: Latin words and numbers whole, everything else by character. */
function pieces(text: string): string[] {
  return text.match(/[A-Za-z0-9.]+|\s+|[^A-Za-z0-9.\s]/gu) ?? [];
}

/**
 * What was changed between two versions of a text: the longest common sequence of pieces, neighbours of one kind joined.
 * Pure; equal texts give one stretch or none.
 */
export function difference(before: string, after: string): Stretch[] {
  if (before === after) return before === "" ? [] : [{ kind: "same", text: before }];
  const a = pieces(before);
  const b = pieces(after);
  const out: Stretch[] = [];
  const put = (kind: Stretch["kind"], text: string) => {
    if (text === "") return;
    const last = out.at(-1);
    if (last?.kind === kind) last.text += text;
    else out.push({ kind, text });
  };
  if (a.length > most || b.length > most) {
    put("removed", before);
    put("added", after);
    return out;
  }
  // lengths[i][j]: of the longest common sequence of a from i and b from j.
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      put("same", a[i] ?? "");
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) put("removed", a[i++] ?? "");
    else put("added", b[j++] ?? "");
  }
  put("removed", a.slice(i).join(""));
  put("added", b.slice(j).join(""));
  return out;
}

/** Lists compared as wholes: what only the older has is removed, what only the newer has is added. */
export function listDifference(before: string[], after: string[]): Stretch[] {
  return [
    ...after.map((text): Stretch => ({ kind: before.includes(text) ? "same" : "added", text })),
    ...before.filter((text) => !after.includes(text)).map((text): Stretch => ({ kind: "removed", text })),
  ];
}
