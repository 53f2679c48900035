import type { ReactNode } from "react";
import { useErrorText } from "../api";
import { Notice } from "../theme";

/** What went wrong with an act, next to the button that did it, with a way on; nothing without an error. */
export function Refused({ error, children }: { error: unknown; children?: ReactNode }) {
  const text = useErrorText();
  return (
    <div role="alert">
      {error ? (
        <Notice kind="danger" action={children}>
          {text(error)}
        </Notice>
      ) : null}
    </div>
  );
}
