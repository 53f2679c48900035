import { expect, it } from "vitest";
import { byBed, findResidents } from "./search";

const residents = [
  { bed: "02", name: "张桂兰", initials: "zgl", ward: "二病区" },
  { bed: "12", name: "赵淑珍", initials: "zsz", ward: "二病区" },
  { bed: "20", name: "额尔德木图·巴特尔", initials: "eedmtbte", ward: "三病区" },
];

it.each([
  ["", "02 12 20"],
  ["2", "02 20"], // bed 2, and beds that begin with it
  ["02", "02"],
  ["桂兰", "02"],
  ["ZS", "12"],
  ["z", "02 12"],
  [" 额尔 ", "20"],
  ["三病区20", "20"],
  ["lan", ""],
])("“%s” finds %s", (typed, beds) => {
  expect(
    findResidents(residents, typed)
      .map((r) => r.bed)
      .join(" "),
  ).toBe(beds);
});

it("wards and beds stand in their order", () => {
  const beds = [
    { ward: "三区", bed: "3-02" },
    { ward: "二区", bed: "2-10" },
    { ward: "二区", bed: "2-9" },
    { ward: "一区", bed: "1-01" },
  ];
  expect(beds.toSorted(byBed).map((r) => r.bed)).toEqual(["1-01", "2-9", "2-10", "3-02"]);
});
