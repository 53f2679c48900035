import { useErrorText } from "../../api";
import { Note } from "./Note";

/** What went wrong with an act, beside the button that did it; nothing without an error. */
export function Refused({ error }: { error: unknown }) {
  const text = useErrorText();
  return <div role="alert">{error ? <Note kind="danger">{text(error)}</Note> : null}</div>;
}
