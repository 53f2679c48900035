// Package consult is the domain core of Lianzhen: the states of a consultation, the vocabulary, the checks of identity
// numbers and vital signs, the proposal of an urgency, the order of the queue, the legal service, consent, effective
// time, the form of application and the doctor's report. Everything here is a pure function of its arguments.
//
// What always holds:
//
//   - No I/O, no clock, no randomness, no import of another package of this program. "Now" and "today" are arguments.
//   - A rule that is broken is a *Refusal: a stable code and arguments. Arguments are codes, numbers and dates; they never
//     carry a name, an identity number, a phone number or free text, so a refusal may be logged as it is.
//     Catalogue has a sentence in Chinese and English for every code.
//   - The states and what leads from one to the other are a table (Transitions); Step is the only way to apply it.
//     Nobody reaches IN_PROGRESS without a CLAIM; terminal states stay; the epoch rises exactly when the grant changes
//     hands (CLAIM, RELEASE, HAND_OVER); CANCEL and TO_EMERGENCY work from every state before the call.
//   - Code tables are embedded CSV files, read once, and handed out as copies. Diagnoses, vitals, departments and divisions may be
//     replaced by an installation: those in force come in as a *Codes, whose nil is the program's own. A retired code is still read,
//     and not accepted for anything new; what was recorded keeps the name of its day (Codes.LabelAt).
//   - CRITICAL is never delayed: no promise of a time is made for it, it stands before everybody in the queue, and of the
//     legal gates only licences can refuse it.
//   - Rules are data: dated versions of the gates and of the countability rules in data/, each row naming a check. EvaluateGates
//     says of every service type whether it is possible at a stage, if what, or why not; START in the table of transitions is
//     open only to what the gates of the start let through. EvaluateCountability says whether a consultation counts and which of
//     the 24 rules it fails. Thresholds and the switches of rules that have to be confirmed are Settings, passed in.
//   - A reason names its rule, how sure its source is (statute, K to be confirmed, D this project's choice) and the button that
//     mends it; of each button it is known who can press it and where.
//   - A duty of an institution that no machine can see is declared by it for a year at most (DeclarationsOf). What only an institution can
//     improve is recorded: it stops nobody and keeps nothing from counting.
//   - A ruleset that was released stays byte for byte; a change is a new version.
//   - Urgency is proposed upwards only: a ground can raise the proposal, never lower it.
//   - Instants are time.Time; a birth date or a licence's last day is a Date, without a zone. Days are those of
//     Asia/Shanghai.
//
// Rule names such as G-RM-03 are those of the telemedicine rules the program enforces: G-RM inter-institution
// telemedicine, G-IH internet consultation, G-HV services at home, NC01 to NC24 the reasons why a consultation does not count.
package consult
