import { expect, it } from "vitest";
import { dialled } from "./phone";

it("dials an extension after a pause, and nothing that is no digit", () => {
  expect(dialled("0471-666 0101 转 8002")).toBe("tel:04716660101,8002");
  expect(dialled("0471-6660101转8002转3")).toBe("tel:04716660101,8002,3");
  expect(dialled("+86 471 666 0101 ext. 12")).toBe("tel:+864716660101,12");
  expect(dialled("120")).toBe("tel:120");
  expect(dialled("转 8002")).toBeUndefined();
});
