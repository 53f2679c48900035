import { inflateRawSync } from "node:zlib";

/** A cell as the file says it: text is text, a number is a number. */
export type Cell = string | number | undefined;

/** The files of a zip archive by name: what its directory at the end lists, stored or deflated. */
function unzip(file: Buffer): Map<string, Buffer> {
  const end = file.lastIndexOf(Buffer.from("PK\u0005\u0006", "latin1"));
  if (end < 0) throw new Error("no zip archive");
  const parts = new Map<string, Buffer>();
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    const method = file.readUInt16LE(at + 10);
    const size = file.readUInt32LE(at + 20);
    const nameLength = file.readUInt16LE(at + 28);
    const name = file.toString("utf8", at + 46, at + 46 + nameLength);
    const local = file.readUInt32LE(at + 42);
    const begin = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const content = file.subarray(begin, begin + size);
    parts.set(name, method === 0 ? content : inflateRawSync(content));
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return parts;
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const plain = (xml: string) =>
  xml.replaceAll(
    /&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) =>
      decimal
        ? String.fromCodePoint(Number(decimal))
        : hex
          ? String.fromCodePoint(Number.parseInt(hex, 16))
          : (entities[name ?? ""] ?? whole),
  );

/**
 * Reads the n-th sheet of a workbook (1 is the first) without the library that wrote it: its rows, each a cell for a column.
 * A formula is an error, since nothing that is exported is one.
 */
export function readSheet(file: Buffer, n: number): Cell[][] {
  const xml = unzip(file).get(`xl/worksheets/sheet${n}.xml`)?.toString("utf8");
  if (xml === undefined) throw new Error(`no sheet ${n}`);
  return [...xml.matchAll(/<row\b[^>]*>(.*?)<\/row>/gs)].map(([, row = ""]) => {
    const cells: Cell[] = [];
    for (const [, attributes = "", content = ""] of row.matchAll(/<c\b([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
      if (content.includes("<f")) throw new Error(`a formula: ${content}`);
      const letters = /r="([A-Z]+)/.exec(attributes)?.[1] ?? "";
      const column = [...letters].reduce((sum, c) => sum * 26 + c.charCodeAt(0) - 64, 0) - 1;
      const text = /<t\b[^>]*>(.*?)<\/t>/s.exec(content)?.[1];
      const value = /<v>(.*?)<\/v>/s.exec(content)?.[1];
      cells[column] =
        text !== undefined
          ? plain(text)
          : value === undefined
            ? undefined
            : /t="(?:str|s)"/.test(attributes)
              ? plain(value)
              : Number(value);
    }
    return cells;
  });
}
