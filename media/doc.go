// Package media is the part of Lianzhen that carries sound and pictures. It knows rooms, participants, tickets and
// packets, and nothing of consultations, patients or accounts: whoever wires it in hands it a ticket verifier and an
// observer, and everything it learns leaves through those two interfaces.
//
// What holds for every package below this one:
//
//   - No import of the care domain, of storage or of signaling. A room is a name, a participant is a name; the caller
//     decides what they stand for.
//   - Losing signaling never touches media: once a participant is connected the relay needs nothing from outside to
//     keep forwarding.
//   - A call's evidence is what the relay saw, packets with times, never what a button claimed.
//   - Everything that arrives from a network (tickets, session descriptions, RTP, RTCP) is hostile until parsed. It is
//     refused with a stable code or dropped; it never panics and never reaches another participant unparsed.
//   - One socket on one UDP port serves everybody.
//
// The packages: sfu, the relay itself; sfu/testclient, a participant for tests and load generation.
package media
