// Package app wires the program together, and nothing else does: it starts what the settings name, in order, and stops
// it in the opposite order.
//
// Invariants:
//   - nothing here decides about care; an adapter only changes one shape into another;
//   - the program is ready (/readyz) only while it can answer; it stops being ready before it stops answering;
//   - stopping takes at most the grace of the settings: sockets are closed with a code that says "connect again", requests
//     finish, media closes and writes its last presence, then the database and the private servers stop.
package app
