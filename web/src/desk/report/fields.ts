/** The DOM id of the control for a field of the report, by its pointer: `advice/0/text` → `report-advice-0-text`. */
export function fieldId(pointer: string): string {
  return `report-${pointer.replaceAll("/", "-")}`;
}

/**
 * Brings the control of a field into view and gives it the focus. A pointer into something that is not there, such as the
 * text of a deleted item, goes to the part that it belongs to. Returns whether there was one.
 */
export function focusField(pointer: string, doc: Document = document): boolean {
  for (let parts = pointer.split("/"); parts.length > 0; parts = parts.slice(0, -1)) {
    const element = doc.getElementById(fieldId(parts.join("/")));
    if (!element) continue;
    element.scrollIntoView?.({ block: "center" });
    element.focus();
    return true;
  }
  return false;
}
