import { expect, it } from "vitest";
import { resources } from "./resources";

type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "string"
        ? [[prefix + key, value] as const]
        : Array.from(flatten(value, `${prefix}${key}.`)),
    ),
  );
}

const zh = flatten(resources["zh-CN"] as Tree);
const en = flatten(resources.en as Tree);

it("both languages have the same messages", () => {
  expect([...en.keys()].toSorted()).toEqual([...zh.keys()].toSorted());
});

it("none is empty", () => {
  const empty = [...zh, ...en].filter(([, text]) => text.trim() === "" && text !== " ").map(([key]) => key);
  expect(empty).toEqual([]);
});

it("each has the same placeholders in both languages", () => {
  const places = (text = "") => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).toSorted();
  const different = [...zh]
    .filter(([key, text]) => String(places(text)) !== String(places(en.get(key))))
    .map(([key]) => key);
  expect(different).toEqual([]);
});

it("the English ones hold no Chinese", () => {
  const chinese = [...en].filter(([, text]) => /[\u4e00-\u9fff]/.test(text)).map(([key]) => key);
  expect(chinese).toEqual([]);
});
