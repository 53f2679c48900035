// Package care holds the use-cases: what people do to a consultation and to the directory around it. HTTP handlers,
// signaling and the scheduler call the same methods, so that no rule is written twice.
//
// What always holds:
//
//   - One command is one transaction: lock the consultation row, authorise, look whether the command was answered already,
//     ask the domain (package consult) whether the step is allowed, compare-and-set on state and epoch, write the event
//     rows, and the outbox last.
//   - Somebody who does not see an object gets 404, whether it exists or not (see in access.go is the one place that
//     decides it for consultations). Memberships count only while they are in force.
//   - The epoch rises only when the grant changes hands. A command of the grantee names its epoch; a stale one gets 409
//     epoch_stale with the present state. Everybody else's edits carry the revision of their section instead, so a nurse is
//     never refused because a doctor moved.
//   - Exactly one doctor wins a request: the row lock and the compare-and-set decide, and a partial unique index keeps a
//     doctor to one consultation that is accepted, waiting or in progress.
//   - Signed reports and adoptions are rows that never change.
//   - CRITICAL is never blocked: not by a missing consent, not by a missing agreement, not by a missing attending doctor.
//   - Effective time is computed from the intervals that the relay reported, never from a button.
//   - Names of residents, complaints, advice, messages and reasons enter the database sealed; events and outbox rows carry
//     codes, ids and numbers only.
package care
