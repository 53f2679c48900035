// Package visits holds the use-cases of visits at home and of home beds: asked for, assessed, booked, on the road, done, recorded, signed.
//
// What always holds:
//
//   - Every change is a compare-and-set on the revision of the visit or bed, under its row lock, with an event and an outbox row in the
//     same transaction. Commands are idempotent by key. The steps are package consult's tables; this package never moves a state by itself.
//   - A visit is joined to an appointment; who goes and when follow from it, so that nobody is booked twice. When the appointment is moved or
//     cancelled the visit follows; one that a visit has no use for any more is cancelled with it, in the same transaction.
//   - In the wrap-up of a consultation a time is taken with the visit that it is for, by whoever is on the line, in one transaction; that the resident is visited stays
//     the family doctor's judgement, which books the visit. Until then it has its time, follows its appointment, and nobody sets out.
//   - A family asks for visits through a link of one resident that a nurse or doctor gave: listed, revoked, over by itself, counted per day, of which only the hash is
//     kept. Its request is assessed like every other; its event names nobody with an account.
//   - The device says when somebody arrived and left, the server keeps when it heard of it, and both stay in the record. A device's time may
//     lie in the past - there was no signal - but not before what happened earlier, not in the future and not more than a week back.
//   - What arrives late is judged by what the visit is now: a step that somebody else has taken meanwhile, and a record that was written over
//     another version, are 409 with the visit as it is, so that the person decides. The device's time of steps, records, pictures and signatures
//     stands in the events beside the server's.
//   - Positions, addresses, names, reasons, notes and records lie sealed in the database; events and outbox rows carry codes, ids and numbers.
//   - The record is written by those who go, guarded by its own revision, and signed once by the one who leads, with the password. Signing makes a
//     consultation of mode VISIT with this report, in the same transaction: it is in the log, in the ledger and in the evidence chain
//     like every other, and whether it counts is judged by the same rules.
//   - From a home a specialist is called by one of those two who are there, while they are there: in the name of the resident's own institution
//     where the caller is of its nurses or attending doctors, else in that of the institution that visits. The visit names the consultation
//     to everybody who sees the visit; who sees the consultation, package care decides.
//   - Whoever set out is expected back until they say so, or set out for the next visit: leaving a home is not being back. Who does not
//     come back in time, and who calls for help, raises an alarm that stands until somebody took charge and closed it; those in charge
//     are told at once.
//   - The house where a resident lives finds in its access log who of another institution was shown the resident's visits, beds or address.
//   - A home bed is one for a resident at a time; it opens with a signed agreement and consent only, its rounds are visits, and the day by which
//     the next is due follows from the last.
//   - Somebody who does not see a visit or a bed gets 404. The resident's side sees its residents', the visiting institution its own, who
//     plans without clinical words and with masked names.
package visits
