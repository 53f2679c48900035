// Package panel keeps what family doctors owe to whom: teams, contracts with residents, groups of priority, care plans with what is
// due, and recalls. It stands beside package care and never changes a consultation.
//
// What always holds:
//
//   - One contract of a resident holds on any day: an exclusion constraint over the days says so, whoever writes. What was signed
//     never changes (a trigger refuses it); a contract ends by time or by a termination, which says why.
//   - No contract holds before it is signed, and none is signed for the past: coverage cannot be made up later (package consult,
//     CheckContractSigning, CheckTerm). Who signs is judged as for a consent: the resident, else the guardian in order; no staff.
//   - Every change is one transaction with compare-and-set on the revision, an event row of the contract, and the outbox last.
//     Commands are answered once for each id.
//   - Members of a team in force act for its residents; the bedside of the resident's institution reads, and may set groups by hand;
//     administrators see contracts with masked names; everybody else gets 404. A team may draw up contracts with residents of its own
//     institution, of those where it practises, and of those that agreed to home visits or chronic-disease management.
//   - A group is what the records show (level of ability, diagnoses, birth date) or what somebody set by hand with its evidence.
//   - What was done last is read where it is kept: consultations by service and diagnosis, visits by the plans that they
//     were for, and contacts that were noted by hand. Nothing is copied, so a contact cannot be counted twice or forgotten.
//   - Intervals are data with their source (consult.PlanKinds); an institution may set its own, and a doctor one for a resident, with a
//     reason.
//   - Names, reasons, notes and signed words enter the database sealed; events and outbox rows carry codes, ids and numbers only.
package panel
