import { describe, expect, it } from "vitest";
import { chosen, editedOf, inputOf, isChanged, type Settings, unreached } from "./choices";
import { bytesOf, deviceName } from "./push";

const settings: Settings = {
  revision: 4,
  smsAvailable: true,
  pushKey: "BA",
  subscriptions: [],
  quiet: { from: "22:00", to: "07:00" },
  choices: [
    { event: "RING", sms: false, push: true, alwaysOnDuty: false },
    { event: "CRITICAL_PAGE", sms: false, push: false, alwaysOnDuty: true },
  ],
};

describe("the choices", () => {
  it("are unchanged until something is, and sent without what the server says about them", () => {
    const edited = editedOf(settings);
    expect(isChanged(settings, edited)).toBe(false);
    const next = chosen(edited, "RING", "sms", true);
    expect(isChanged(settings, next)).toBe(true);
    expect(inputOf(settings.revision, next)).toEqual({
      revision: 4,
      quiet: { from: "22:00", to: "07:00" },
      choices: [
        { event: "RING", sms: true, push: true },
        { event: "CRITICAL_PAGE", sms: false, push: false },
      ],
    });
  });

  it("keep the phone unless it is written anew; an empty one takes it away", () => {
    expect(inputOf(1, editedOf(settings))).not.toHaveProperty("phone");
    expect(inputOf(1, { ...editedOf(settings), phone: "" })).toHaveProperty("phone", "");
  });

  it("name what reaches nobody: no tick helps without a number, a gateway or a browser", () => {
    const browser = { id: "b", label: "Chrome", createdAt: "2026-01-01T00:00:00Z" };
    const withBrowser = { ...settings, subscriptions: [browser] };
    const quiet = chosen(editedOf(settings), "RING", "push", false);
    expect(unreached(withBrowser, editedOf(settings))).toEqual([]);
    expect(unreached(withBrowser, quiet)).toEqual(["RING"]);
    expect(unreached(settings, editedOf(settings))).toEqual(["RING", "CRITICAL_PAGE"]);
    const byPhone = { ...chosen(editedOf(settings), "RING", "sms", true), phone: "13800138000" };
    expect(unreached(settings, byPhone)).toEqual([]);
    expect(unreached({ ...settings, smsAvailable: false }, byPhone)).toEqual(["RING", "CRITICAL_PAGE"]);
    expect(unreached({ ...settings, phoneMasked: "138****8000" }, { ...byPhone, phone: "" })).toHaveLength(2);
  });
});

it("the server's key is base64url", () => {
  expect([...bytesOf("-_8")]).toEqual([0xfb, 0xff]);
});

it("a device is known by its browser and system", () => {
  expect(deviceName("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130.0 Safari/537 Edg/130.0")).toBe(
    "Edge · Windows",
  );
  expect(deviceName("Mozilla/5.0 (iPad; CPU OS 17 like Mac OS X) Version/17 Safari/604")).toBe(
    "Safari · iOS",
  );
});
