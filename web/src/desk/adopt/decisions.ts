import type { AdviceItem, Schemas } from "../../api";

export type Choice = Schemas["AdoptionInput"]["items"][number]["decision"];

export interface Decision {
  decision?: Choice;
  reason: string;
}
export type Decisions = Readonly<Record<string, Decision>>;

/** What an item still lacks: a decision, or the reason that anything but adopting needs. */
export function lack(of: Decision | undefined): "decision" | "reason" | undefined {
  if (!of?.decision) return "decision";
  return of.decision !== "ADOPTED" && of.reason.trim() === "" ? "reason" : undefined;
}

/** The items in the form of the contract; undefined while one lacks something. */
export function asInput(
  advice: readonly AdviceItem[],
  decisions: Decisions,
): Schemas["AdoptionInput"]["items"] | undefined {
  const items: Schemas["AdoptionInput"]["items"] = [];
  for (const { id } of advice) {
    const own = decisions[id];
    if (!own?.decision || lack(own)) return undefined;
    const reason = own.reason.trim();
    items.push({
      adviceId: id,
      decision: own.decision,
      // A reason that was typed before the item was adopted after all is not sent.
      ...(own.decision !== "ADOPTED" && reason ? { reason } : {}),
    });
  }
  return items;
}

/** The plan that follows from the decisions, one numbered line for each item that is carried out. */
export function planOf(
  advice: readonly AdviceItem[],
  decisions: Decisions,
  said: (item: AdviceItem) => string = (item) => item.text,
): string {
  return advice
    .flatMap((item) => {
      const own = decisions[item.id];
      if (own?.decision === "ADOPTED") return [said(item)];
      if (own?.decision === "PARTLY")
        return [own.reason.trim() ? `${said(item)}（${own.reason.trim()}）` : said(item)];
      return [];
    })
    .map((line, i) => `${i + 1}. ${line}`)
    .join("\n");
}
