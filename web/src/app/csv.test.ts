import { expect, test } from "vitest";
import { csvText } from "./csv";

test("nothing that a person typed is a formula for a spreadsheet", () => {
  const rows = [
    ["=cmd|'/c calc'!A0", "-x", "+1", "@b"],
    ["\t=1", '＝SUM("a")', "－1", "王=1"],
  ];
  expect(csvText(rows)).toBe(
    `\uFEFF"'=cmd|'/c calc'!A0","'-x","'+1","'@b"\r\n"'\t=1","'＝SUM(""a"")","'－1","王=1"\r\n`,
  );
});
