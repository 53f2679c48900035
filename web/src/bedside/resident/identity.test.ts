import { expect, it } from "vitest";
import { readIdentityNumber } from "./identity";

it("a card number carries birth date and sex, unless its check character is wrong", () => {
  expect(readIdentityNumber("11010519491231002X")).toEqual({ birthDate: "1949-12-31", sex: "2" });
  expect(readIdentityNumber("110105194912310021")).toBeUndefined();
  expect(readIdentityNumber("11010519491231")).toBeUndefined();
});
