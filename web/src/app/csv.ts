/** What a spreadsheet would take for a formula, also in the wide letters of Chinese input. */
const formula = /^[=+\-@＝＋－＠\t\r\n]/;

/**
 * A table as spreadsheets read it: UTF-8 with its mark, every cell quoted; a cell that begins like a formula gets an apostrophe before it.
 */
export function csvText(rows: readonly (readonly string[])[]): string {
  const quoted = (cell: string) => `"${(formula.test(cell) ? `'${cell}` : cell).replaceAll('"', '""')}"`;
  const lines = rows.map((cells) => cells.map(quoted).join(","));
  return `\uFEFF${lines.join("\r\n")}\r\n`;
}
