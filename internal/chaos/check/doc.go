// Package check says whether what clients saw and what the database holds can both be true of a system that loses nothing,
// gives nothing twice and keeps its order. It is pure: histories and facts go in, verdicts come out.
//
// What always holds:
//
//   - A violation carries the case it is about, so that its events can be shown alone.
//   - A command whose answer was lost may have had its effect or not, at any time until the end: neither is held against
//     the server. A command that was answered has had exactly the effect that the answer says.
//   - A checker counts what it looked at. Zero is not a success, and the table shows the difference.
//   - Times are compared only with bounds that contain what the machine itself was late by.
//
// The invariants, by the names of the table: I1 nothing acknowledged is lost; I2 one holder a request and one request a
// doctor; I3 epochs rise; I4 no silent holes in what a client is told; I5 a ring ends when it is due; I6 the queue is in
// order; I7 nobody is booked twice (there are no bookings in this version); I8 the record's events form a chain; I9 the
// queue's index is the queue; I10 what was opened is closed.
package check
