import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { useOpenForPrint } from "./useOpenForPrint";

function Page() {
  useOpenForPrint();
  return (
    <>
      <details>folded</details>
      <details open>unfolded</details>
    </>
  );
}

test("what is folded is open on paper, and folded again afterwards", () => {
  const { container } = render(<Page />);
  const open = () => [...container.querySelectorAll("details")].map((d) => d.open);
  window.dispatchEvent(new Event("beforeprint"));
  expect(open()).toEqual([true, true]);
  window.dispatchEvent(new Event("afterprint"));
  expect(open()).toEqual([false, true]);
});
