import { describe, expect, it } from "vitest";
import type { Schemas } from "../../api";
import { asConsentInput, type ConsentForm, guardiansFor, missingFor, signersFor } from "./signers";

const form = (change: Partial<ConsentForm> = {}): ConsentForm => ({
  signer: "SELF",
  name: "",
  relation: "",
  ticks: ["medical", "sensitive", "provision"],
  method: "DRAWN",
  signature: "png",
  codeId: "",
  code: "",
  evidenceId: "",
  witness: { username: "", password: "" },
  reason: "",
  ...change,
});
const required = ["medical", "sensitive", "provision"] as const;
const text: Schemas["ConsentText"] = {
  version: "2026-01",
  locale: "zh-CN",
  hash: "a".repeat(64),
  title: "",
  paragraphs: [],
  ticks: [],
  validDays: 365,
};

describe("who may sign", () => {
  it("depends on the capacity, and only a critical case may be approved by the institution", () => {
    expect(signersFor("FULL", "URGENT")).toEqual(["SELF", "NEAR_RELATIVE"]);
    expect(signersFor("NONE", "URGENT")).toEqual(["LEGAL_GUARDIAN"]);
    expect(signersFor("LIMITED", "CRITICAL")).toEqual(["LEGAL_GUARDIAN", "INSTITUTION_EMERGENCY"]);
  });

  it("of the people on file, guardians come first and nobody signs for a capable resident but relatives", () => {
    const people = [
      { name: "a", relation: "CHILD", isGuardian: false },
      { name: "b", relation: "SPOUSE", isGuardian: true },
      { name: "c", relation: "OTHER", isGuardian: true },
    ];
    expect(guardiansFor("LEGAL_GUARDIAN", people).map((g) => g.name)).toEqual(["b", "c", "a"]);
    expect(guardiansFor("NEAR_RELATIVE", people).map((g) => g.name)).toEqual(["a", "b"]);
    expect(guardiansFor("SELF", people)).toEqual([]);
  });
});

describe("what is missing", () => {
  it.each([
    ["nothing", form(), []],
    ["ticks and signature", form({ ticks: ["medical"], signature: null }), ["ticks", "signaturePng"]],
    ["who the guardian is", form({ signer: "LEGAL_GUARDIAN" }), ["signerName", "relation"]],
    [
      "why the resident is not told",
      form({ signer: "NEAR_RELATIVE", name: "张伟", relation: "CHILD" }),
      ["reason"],
    ],
    [
      "the reason of an emergency approval, and nothing else",
      form({ signer: "INSTITUTION_EMERGENCY", ticks: [], signature: null }),
      ["reason"],
    ],
  ])("%s", (_, given, missing) => {
    expect(missingFor(given, required)).toEqual(missing);
  });
});

it("an emergency approval carries no ticks and no signature, a resident's own consent no name", () => {
  expect(asConsentInput(form({ signer: "INSTITUTION_EMERGENCY", reason: "联系不上" }), text)).toMatchObject({
    ticks: [],
    reason: "联系不上",
  });
  expect(asConsentInput(form({ signer: "INSTITUTION_EMERGENCY" }), text)).not.toHaveProperty("signaturePng");
  expect(asConsentInput(form({ name: "x" }), text)).not.toHaveProperty("signerName");
  expect(asConsentInput(form(), text)).toMatchObject({
    signaturePng: "png",
    textHash: text.hash,
    signerKind: "SELF",
  });
});

it("asks each way of signing for its own proof", () => {
  const without = { signature: null };
  expect(missingFor(form({ ...without, method: "SMS_CODE" }), required)).toEqual(["code"]);
  expect(missingFor(form({ ...without, method: "SMS_CODE", codeId: "k", code: "12345" }), required)).toEqual([
    "code",
  ]);
  expect(missingFor(form({ ...without, method: "PAPER_SCAN" }), required)).toEqual(["evidenceId"]);
  expect(missingFor(form({ ...without, method: "VOICE_VIDEO", evidenceId: "e" }), required)).toEqual([
    "secondWitness",
  ]);
  const spoken = form({
    ...without,
    method: "VOICE_VIDEO",
    evidenceId: "e",
    witness: { username: "dr.chen", password: "p" },
  });
  expect(missingFor(spoken, required)).toEqual([]);
  expect(asConsentInput(spoken, text)).toMatchObject({ method: "VOICE_VIDEO", evidenceId: "e" });
  expect(
    asConsentInput(form({ ...without, method: "SMS_CODE", codeId: "k", code: "123456" }), text),
  ).toMatchObject({ method: "SMS_CODE", codeId: "k", code: "123456" });
});
