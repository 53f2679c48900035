import type { components } from "./schema";

/** The contract's types by their names in it. */
export type Schemas = components["schemas"];

export type AdviceItem = Schemas["AdviceItem"];
export type Attachment = Schemas["Attachment"];
export type Catalogue = Schemas["Catalogue"];
export type Consultation = Schemas["Consultation"];
export type Duty = Schemas["Duty"];
export type FieldProblem = Schemas["FieldProblem"];
export type LogRow = Schemas["LogRow"];
export type Me = Schemas["Me"];
export type Membership = Schemas["Membership"];
export type Message = Schemas["Message"];
export type Meta = Schemas["Meta"];
export type Participant = Schemas["Participant"];
export type Person = Schemas["Person"];
export type Presence = Schemas["Presence"];
export type Problem = Schemas["Problem"];
export type Queue = Schemas["Queue"];
export type QueueItem = Schemas["QueueItem"];
export type Resident = Schemas["Resident"];
export type ResidentCard = Schemas["ResidentCard"];
export type Role = Schemas["Role"];
export type Session = Schemas["Session"];
export type State = Schemas["State"];
export type Term = Schemas["Term"];
export type Ticket = Schemas["Ticket"];
export type Urgency = Schemas["Urgency"];
export type Vital = Schemas["Vital"];
export type VitalInput = Schemas["VitalInput"];
export type VitalTerm = Schemas["VitalTerm"];
export type Worklist = Schemas["Worklist"];
