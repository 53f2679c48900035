import { describe, expect, it } from "vitest";
import { tidy } from "./merge";
import { presetOf } from "./preset";

describe("with what a report begins", () => {
  const bare = { mode: "ONLINE", vitals: [], photos: [] } as const;

  it("says what was examined by what is there", () => {
    expect(presetOf({ ...bare, vitals: [], photos: [] }, "l")).toEqual({
      limits: "l",
      examined: ["HISTORY", "INSPECTION"],
    });
    const photo = { id: "1" } as never;
    expect(presetOf({ mode: "WRITTEN", vitals: [{} as never], photos: [photo] }, "l").examined).toEqual([
      "CARER",
      "VITALS",
      "PHOTOS",
    ]);
  });

  it("takes over where a terminated consultation sends the resident", () => {
    const termination = {
      reason: "CHANGED",
      destination: "OUTPATIENT",
      goWithin: "TODAY",
      place: "市医院",
      by: "",
      at: "",
    };
    expect(presetOf({ mode: "ONLINE", vitals: [], photos: [], termination }, "l").referral).toEqual({
      destination: "OUTPATIENT",
      within: "TODAY",
      note: "市医院",
    });
  });
});

describe("what is sent of an item", () => {
  it("leaves out what is empty, and the dose of what is no drug", () => {
    expect(
      tidy({
        advice: [
          { kind: "DRUG", text: "呋塞米", dose: " 20 mg ", route: "ORAL", frequency: "", days: 3 },
          { kind: "NURSING", text: "翻身", dose: "20 mg", route: "ORAL", frequency: "QD" },
        ],
        examined: [],
        referral: { destination: "", note: " " },
      }),
    ).toEqual({
      advice: [
        { kind: "DRUG", text: "呋塞米", dose: "20 mg", route: "ORAL", days: 3 },
        { kind: "NURSING", text: "翻身", frequency: "QD" },
      ],
    });
  });
});
