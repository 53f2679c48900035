import { expect, it } from "vitest";
import { difference, listDifference, type Stretch } from "./difference";

const join = (of: Stretch[], without: Stretch["kind"]) =>
  of
    .filter((s) => s.kind !== without)
    .map((s) => s.text)
    .join("");

it.each([
  ["氨氯地平每日一次5mg", "氨氯地平每日一次2.5mg"],
  ["", "新写的"],
  ["删掉的", ""],
  ["Blood pressure 150/90, no oedema.", "Blood pressure 140/90; slight oedema."],
  ["血压平稳。\n继续观察。", "血压平稳。\n三日后复查，继续观察。"],
])("both versions can be read out of the difference: %s → %s", (before, after) => {
  const d = difference(before, after);
  expect(join(d, "added")).toBe(before);
  expect(join(d, "removed")).toBe(after);
});

it("changes a number as a whole and leaves the rest", () => {
  expect(difference("每日一次5mg，饭后", "每日一次2.5mg，饭后")).toEqual([
    { kind: "same", text: "每日一次" },
    { kind: "removed", text: "5mg" },
    { kind: "added", text: "2.5mg" },
    { kind: "same", text: "，饭后" },
  ]);
});

it("says nothing of what is the same", () => {
  expect(difference("同", "同")).toEqual([{ kind: "same", text: "同" }]);
  expect(difference("", "")).toEqual([]);
});

it("shows a very long text as replaced", () => {
  const d = difference("甲".repeat(3000), "乙");
  expect(d.map((s) => s.kind)).toEqual(["removed", "added"]);
});

it("lists keep the newer order and end with what was taken out", () => {
  expect(listDifference(["a", "b"], ["c", "b"])).toEqual([
    { kind: "added", text: "c" },
    { kind: "same", text: "b" },
    { kind: "removed", text: "a" },
  ]);
});
