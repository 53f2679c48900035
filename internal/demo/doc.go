// Package demo fills a database with an invented district: two care homes, a hospital, the authorities above them, the
// people who work there, residents, and consultations of the last weeks; and it opens the first account of a database
// that is to hold real data.
//
// What always holds:
//
//   - A demo database carries a mark (meta, key demo). Seed marks only a database without accounts and refuses every other
//     one that has no mark, so that demo passwords never open real records.
//   - Rows have ids made from their names: seeding again finds them, adds what is missing and changes nothing that people
//     have changed since. Rosters and measurements roll on with the days.
//   - Past consultations went through the use-cases of package care with the clock of their day: states, events, consents,
//     digests and seals are those of real ones.
//   - Load is the exception: a year by COPY, to measure with. Its rows have the shape of real ones and went through no use-case.
//   - Every person, number and address is invented; identity numbers and credit codes have valid check digits.
package demo
