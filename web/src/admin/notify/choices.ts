import type { Schemas } from "../../api/types";

export type Settings = Schemas["NotificationSettings"];
export type Choice = Schemas["NotificationChoice"];
export type SettingsInput = Schemas["NotificationSettingsInput"];

/** What the form holds; `phone` undefined: as it was, empty: none. */
export interface Edited {
  phone: string | undefined;
  quiet: { from: string; to: string } | undefined;
  choices: Choice[];
}

export function editedOf({ quiet, choices }: Settings): Edited {
  return { phone: undefined, quiet, choices };
}

/** With one box of the table ticked or cleared. */
export function chosen(edited: Edited, event: Choice["event"], channel: "sms" | "push", on: boolean): Edited {
  return {
    ...edited,
    choices: edited.choices.map((c) => (c.event === event ? { ...c, [channel]: on } : c)),
  };
}

/** What is sent: the choices alone, without what the server says about them. */
export function inputOf(revision: number, { phone, quiet, choices }: Edited): SettingsInput {
  return {
    revision,
    ...(phone === undefined ? {} : { phone }),
    ...(quiet ? { quiet } : {}),
    choices: choices.map(({ event, sms, push }) => ({ event, sms, push })),
  };
}

/** Whether anything differs from what the server holds. */
export function isChanged(settings: Settings, edited: Edited): boolean {
  return (
    edited.phone !== undefined ||
    JSON.stringify(edited.quiet) !== JSON.stringify(settings.quiet) ||
    JSON.stringify(edited.choices) !== JSON.stringify(settings.choices)
  );
}

/**
 * Which events reach the person by no channel while no page is open, whatever is ticked: without a number or a gateway there is
 * no SMS, without a subscribed browser no push.
 */
export function unreached(settings: Settings, edited: Edited): Choice["event"][] {
  const phone = edited.phone === undefined ? settings.phoneMasked !== undefined : edited.phone.trim() !== "";
  const sms = phone && settings.smsAvailable;
  const push = settings.subscriptions.length > 0;
  return edited.choices
    .filter((c) => !((c.sms || c.alwaysOnDuty) && sms) && !((c.push || c.alwaysOnDuty) && push))
    .map((c) => c.event);
}
