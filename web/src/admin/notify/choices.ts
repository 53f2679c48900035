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

/** Events that reach nobody by any channel, though they are not sent whatever the choice: a person should know of it. */
export function unreached(edited: Edited): Choice["event"][] {
  return edited.choices.filter((c) => !c.sms && !c.push && !c.alwaysOnDuty).map((c) => c.event);
}
