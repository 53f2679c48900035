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
//   - A ring is an invitation: any doctor of a department that is asked may claim, rung or not, and a claim ends the doctor's other
//     rings. One doctor rings at a time (CRITICAL rings all); nobody is rung by two timers at once, since every ring is decided
//     under the row lock.
//   - The ladder of an unanswered request lives in columns of its row and in the ends of its rings. Sweep compares them with the
//     database's clock, on any node; no timer is kept in memory or in Redis. A request only ever climbs, and keeps its step and
//     its place when it is given back. Each step is an event of the record, and the bedside sees it in words. When everybody
//     present has declined, the next step does not wait for its time.
//   - Nobody is believed to look after a request who is gone: the charge of a dispatcher whose sockets ended two minutes ago, whose
//     shift is over or whose role has ended is given back, and the others are called. Where there is no dispatcher (any more) the
//     administrators of both sides are told, and the bedside whom to call.
//   - The inviting side is an institution: its nurses and attending doctors, every one. Where who makes a visit calls a specialist from the home
//     (连线专家), it is the institution that visits, and of its people those two who go, who are kept with the consultation (visitors), and the doctor who
//     is responsible. They see it, ask, consent, talk, adopt (the family doctor who visits as the side's doctor), carry out, refer, rate, print and
//     prove it for as long as they work there; colleagues who were not there do not see it at all. Administrators and quality control of the
//     institution oversee it as every other one (log, sealing, approvals, exports, complaints), without free text. The house where the
//     resident lives reads it from the moment it is asked for, as it reads visits, and does nothing to it; it may take down that a consent is
//     withdrawn. Agreement, licence, attribution and figures are those of the institution that asked; a consent that was given to another
//     institution does not cover it. Where the doctor calls with an own device from the home, the visit's check-in is the doctor's presence
//     until the visit leaves.
//   - The record of a visit at home is a consultation of the house where the resident lives, asked of the institution that visits: the two who made the
//     visit read it and find it in their log for as long as they work there, and do nothing to it; colleagues do not see it.
//   - What the order (an index) or presence says is a suggestion; what is granted is decided by rows.
//   - The gates are asked when a request is submitted, accepted, started and closed, and each answer is kept with it; nothing starts that
//     they do not let through, but an emergency. What is over is judged by the countability rules with every change that is
//     committed: an answer that differs supersedes the current one, which stays as history. Closed months keep their rules.
//   - Who answers decides the legal service: where another department or hospital answers than was asked for, agreement and
//     service are judged again at the grant.
//   - What the bedside was told of time is kept: the promise until it has passed, the range beside what happened.
//   - Exactly one doctor wins a request: the row lock and the compare-and-set decide, and a partial unique index keeps a
//     doctor to one consultation that is accepted, waiting or in progress; a written question does not count.
//   - Signed reports and adoptions are rows that never change. A correction is a new version; adoption is per version, and advice of
//     a version that was corrected is not carried out any more.
//   - A sealed record refuses every command but unsealing, in one place (onLocked), whoever asks. Steps of a referral that began
//     before stand with the referral alone and add nothing to it.
//   - A consultation is given to a colleague only when the colleague accepts, by the rules of the claim; until then the grant stays, and
//     an offer is void with the grant that it is of. What was written of the report goes along, the private note does not.
//   - A written question rings nobody, is promised an answer by a time of its own and passes the gates of the start before its answer.
//     What becomes too urgent to wait for one is called after all.
//   - What an invitation has to say (G-RM-08) is proposed from the file, can be changed until the request is made, and is kept as it was
//     sent.
//   - Advice is read back in the call and after the adoption; the ticks are part of the record, and an item keeps its tick only as long as
//     it says the same.
//   - A check of the second factor serves one act of one person on one consultation within five minutes and is kept with it.
//   - An attending doctor's presence is the time checked in on a tablet in which the relay carried that tablet, never a button.
//   - An online follow-up starts only on evidence that its doctor judged as good (G-IH-03).
//   - A consent is proved: drawn, by a code to a telephone on file, by a scan, or by a recording before two people of the staff, of
//     whom none is the signer. Who withdraws it withdraws every consent that stands; nothing is connected after that without a new
//     one, and a call that is on ends. A consent that follows an emergency approval stands beside it.
//   - A role is given at once to who belongs to that organisation alone. Everybody else is invited and decides: an invitation is no membership and
//     gives nothing, lapses after 30 days, and its answers are the same for a user name that nobody has.
//   - Passwords and codes of a command are in no memory of commands. A code counts every try, also one that is rolled back.
//   - A medicine that matches an allergy is entered only with a reason, and is verified by somebody else than who entered it. Nothing
//     is prescribed: a prescription is a reference to what was written elsewhere, and reviewed there or by a pharmacist who is asked; a decision stands.
//   - What no machine can see an institution declares for a year. What only an institution can improve is kept with the answers of the gates for who
//     answers for it, and neither stops nor troubles anybody at the bedside.
//   - A round is one call over a list of residents. The nurse's opening asks for everybody on the list, the doctor's accepts; what a resident
//     lacks is judged when it is their turn, in the transaction that ends the turn before, and where it stops them nothing changes. The round's row
//     is locked before its consultations. A call is about one consultation at a time (a constraint says so), and each second of it is
//     evidence for the one whose turn it was (call_spans).
//   - A referral is moved by the side whose step it is, with compare-and-set and a row for each step. Staff never rate. What a link
//     was exchanged for is used once. Deadlines in working days are fixed when they begin, by the calendar as it is known then.
//   - CRITICAL is never blocked: not by a missing consent, not by a missing agreement, not by a missing attending doctor.
//   - Effective time is computed from the intervals that the relay reported, never from a button.
//   - Names of residents, complaints, advice, messages and reasons enter the database sealed; events and outbox rows carry
//     codes, ids and numbers only.
package care
