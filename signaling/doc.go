// Package signaling carries what happens now over one WebSocket a page: presence, the live call, and news of changes.
// PROTOCOL.md is its specification, and tests compare the two.
//
// # What must always hold
//
// Losing a socket loses no act and touches no media: acts on the record travel by HTTP, and a connection to the relay lives
// on without the socket that made it. Whoever connects again reads everything again.
//
// There are no silent holes. The frames of a session are numbered from 1 where they are written to the wire, so that
// numbers have no gap by construction. Events come from the outbox, whose numbers have no gap either: should one be
// missing all the same, because rows were pruned or the database was restored, every socket is closed with "connect
// again" instead of going on with a hole.
//
// A command has its effect at most once in a session: its id is remembered with its result, and a repetition is answered
// from there, also one that comes while the first still runs. The commands of a socket run one after the other in the order
// in which they came; only joining a call and testing the network, which wait for the media stack, run beside the others.
//
// Nothing a client sends grows without bound: frames, waiting frames, the rate of commands, remembered results, and the
// queue of frames that it does not read are all limited, and each limit has a close code. A client that does not read
// never delays another one.
//
// Only who may see an event gets it: the writer of the event names its audience, a socket stands in the index under the
// memberships that were in force when its token was last checked, and a command checks them again when that is longer
// ago than ten seconds. The token is in the first frame and never in an address.
//
// # Who owns what
//
// A socket has one goroutine while it is idle, which reads. It alone closes the connection and takes the socket out of the
// hub. A worker goroutine lives while frames wait to be carried out, a writer goroutine while frames wait to be sent; there
// is at most one of each, therefore the state that belongs to each needs no lock. One mutex guards the hand-over between
// them (socket.mu). The HTTP handler returns after the upgrade, which lets net/http release its buffers: that is the
// difference between 24 and 5 KB for an idle socket.
//
// The hub owns the index of sockets (Hub.mu) and the goroutines that tail the outbox. Locks are taken in the order Hub.mu,
// Hub.newsMu, socket.mu, and none is held while something outside this package is called.
//
// A call's room is on one node, and a socket may be on any other. Rooms is the room's side: it knows connections, not sockets,
// and only the node that carries a call writes its events, in order, into the outbox.
package signaling
