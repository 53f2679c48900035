// Package app wires the program together, and nothing else does: it starts what the settings name, in order, and stops
// it in the opposite order.
//
// Invariants:
//   - nothing here decides about care; an adapter only changes one shape into another;
//   - the program is ready (/readyz) only while it can answer; it stops being ready before it stops answering;
//   - a call's room is on the node that has its lease. Whatever a page asks of it is carried out there, whichever node the page's
//     socket is on; what that node records carries the lease's term and the ticket's epoch, and is refused without them;
//   - a node that stops gives its calls up before it closes a socket, and stays until the people have moved, while there is
//     another node for them;
//   - stopping takes at most the grace of the settings: sockets are closed with a code that says "connect again", requests
//     finish, media closes and writes its last presence, then the database and the private servers stop.
package app
