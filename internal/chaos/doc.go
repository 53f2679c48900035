// Package chaos starts real servers, lets virtual nurses and doctors use them, breaks things, and checks from what the clients
// saw and what the database holds that nothing was lost, nothing was given twice and every promise was kept.
//
// What always holds:
//
//   - Everything is real: three processes of the built server, PostgreSQL with every durability setting, Redis or a Sentinel
//     set, sockets and HTTP as the contract and signaling/PROTOCOL.md describe them. Between them are lines (package wire)
//     that can be made bad.
//   - Everything is bounded and owned: the suite signals only processes that it started, by their number, and they end with
//     it, also when it is killed. Its files lie in one temporary folder that it removes.
//   - The seed decides what people do and which node is hit. It does not decide how the kernel schedules: the same seed gives
//     the same kind of run, not the same run. The history is what a violation is read from.
//   - Invariants are judged (package check), never timings; where an invariant is about time its bound contains what was
//     broken and how late the machine itself was.
//   - A command is tried with the same key on one node after the other until there is an answer, as pages do. Only an answer is
//     held against the server.
//
// A fault is a small value: what it is called, how it is injected and healed, for how long, and what must hold besides the
// invariants. A round is one fault again and again under load, then everything is made whole, everybody becomes quiet, and
// the verdicts are taken.
package chaos
