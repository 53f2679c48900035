import { expect, type Locator } from "@playwright/test";
import type { Client, Schemas } from "./Client";

/**
 * A button's word: Ant Design puts a space between two Chinese characters, and its icons put their English names before or
 * after it.
 */
export function word(text: string): RegExp {
  const spaced = [...text].map((c) => c.replace(/[.*+?^${}()|[\]\\]/, "\\$&")).join("\\s*");
  return new RegExp(`^\\s*(?:[a-z-]+\\s+)?${spaced}(?:\\s+[a-z-]+)?\\s*$`);
}

/** The Chinese label of a code. */
export async function label(
  client: Client,
  list: "reasons" | "outcomes" | "vitals" | "redFlags" | "states" | "cancelReasons",
  code: string,
): Promise<string> {
  const catalogue = await client.get<Schemas["Catalogue"]>("/api/v1/catalogue");
  const term = catalogue[list].find((one) => one.code === code);
  if (!term) throw new Error(`no ${code} in ${list}`);
  return term.zh;
}

/** Presses each key of a number on the pad that the tablet shows. */
export async function press(pad: Locator, digits: string): Promise<void> {
  for (const digit of digits) await pad.getByRole("button", { name: digit, exact: true }).click();
  await expect(pad).toBeVisible();
}
