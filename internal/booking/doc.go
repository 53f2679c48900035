// Package booking holds the use-cases of appointments: what can be booked, when people can be booked, and what is booked. The hours and
// slots themselves are computed by package calendar.
//
// What always holds:
//
//   - Double booking is impossible by constraint: appointment_staff_once keeps whoever sees residents to one session at a time, travel,
//     preparation and writing up included as they were at booking; appointments_resident_once keeps a resident to one visit at a time;
//     appointments_seat keeps a group to its seats. What this package asks before is only there to answer well.
//   - Everything that takes or frees time first takes the advisory locks of the people, doctors before residents, each in the order of
//     their keys (LockBooking). Row locks come after, so no two bookings wait for one another in a circle.
//   - A hold is an appointment with an end. Once it is over it takes nothing: whoever books across it lapses it in the same transaction,
//     and the sweep is only there to tell people.
//   - Every change is a compare-and-set on status and revision, with its event row and its outbox row. The revision rises with whatever a
//     calendar or a reminder shows, so that what was planned for an earlier one is known to be stale. Commands are idempotent by key.
//   - A series is booked whole or not at all, unless asked otherwise. Its occurrences are appointments of their own; moving the following or all of
//     them splits the rule, and what was moved alone stays where it is.
//   - A time that was given back is held for the first who waits for it and fits, by the same steps as every booking, after the commit that freed
//     it; the sweep looks again, so nothing is lost with a node. Whoever lets an offer go by comes after those who did not, and is asked three times.
//   - A calendar's address is its key: 256 random bits, of which only the hash is kept. It says when and what; institution, ward and bed only when its
//     owner asked for that. What was cancelled, or went to somebody else, stays in it as cancelled, with a higher SEQUENCE.
//   - What a side answers - the family, the house, who goes - is a row beside the appointment for the revision that it was given for: moving it asks everybody anew, and a
//     confirmation moves nothing. Nobody's appointment is cancelled or moved while somebody is on the road to it.
//   - What is still to come for a resident who has left is cancelled by the sweep (RESIDENT_LEFT), and its time is offered on.
//   - A conflict answers with up to three alternatives that were free when it was answered; what is moved does not stand in its own way, and where it is
//     is no alternative.
//   - What is to be ready for an appointment follows from its place, the plans of the resident and a missing consent (consult.Prepare), never from what was
//     ticked; a tick is an event and raises no revision.
//   - Proposals for several keep nothing. Each is free beside the others as it was proposed, and less of the way than the kind has is only proposed to who may
//     book it so.
//   - Figures count what was booked, not what was held; a cancelled time was not taken.
//   - From the acceptance of a consultation to its signature its doctor books for the resident what the resident's house could book, by that house's agreements; at home
//     the times of the resident's family doctors only. Afterwards the doctor sees what they booked, masked.
//   - A consultation that a doctor planned takes the doctor's and the resident's time as well, and is refused across an appointment.
//   - Somebody who does not see an appointment, a kind, a rule or a resident gets 404. Staff see their own and what they booked, the resident's
//     side its residents', who plans what their organisation offers.
//   - Notes enter the database sealed; names are masked in lists, but for what a house prepares for its own residents; events and outbox rows carry codes, ids and numbers only.
package booking
