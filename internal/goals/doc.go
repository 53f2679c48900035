// Package goals counts what was done: the ledger, indicators, returns that are closed and filed, inspections, and the sheets that
// are exported. It stands beside package care and never changes a consultation.
//
// What always holds:
//
//   - The ledger and its tallies are derived. The view ledger_source says what a row is; the follower writes anew whatever the
//     queue ledger_due names, which triggers fill in the transaction of the change, and moves the tallies by what left and entered. The
//     view tally_source says what the tallies are, counted directly. Thrown away, both are rebuilt from the operational rows, and
//     [Service.CheckLedger] names every row that differs.
//   - A condition is written once: a mark of the ledger's row. A figure counts the mark, and its rows are those that carry it, so
//     that a figure and the list behind it cannot disagree. What stands beside consultations (ratings, referrals, events, complaints,
//     rectifications, visits) is one view, counted_facts, for figures and rows alike.
//   - What is defined for a quarter or a year is not shown of a shorter period; longer ones than it is filed for only add up more.
//   - Figures of higher levels add numerators and denominators. A rate is never averaged. What is unknown is said to be unknown:
//     a missing denominator is not 0 %, and what this version does not record is not 0.
//   - Residents are counted once in a period; they belong to one institution, so institutions add.
//   - A period belongs to the local day (Asia/Shanghai) of the session's end.
//   - What was locked never changes: figures, rows, ruleset and definitions are frozen under a digest and the system's seal, and a
//     correction is another version that lists its differences.
//   - A deadline is told of to those who have to act at 14, 7, 3 and 1 days and when it is over: each stage once, by day, written in
//     one transaction with the fact that package notify sends. What was due before an organisation joined is not asked of it.
//   - Who says that a finding is mended does not confirm it; its course is kept step by step. A concluded inspection keeps its scores.
//   - A row of an imported workbook is judged by the use-case that enters what somebody types; all rows are entered or none, and a dry run
//     takes back what it entered.
//   - Each figure and each sheet says that it is this system's count and not an official one ([Note]).
//   - An authority sees figures and rows without persons; every opening of rows and every export is in the access log.
package goals
