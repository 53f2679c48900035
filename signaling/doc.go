// Package signaling carries what happens now over one WebSocket a page: presence, the live call, and news of changes.
// PROTOCOL.md is its specification, and tests compare the two.
//
// # What must always hold
//
// Losing a socket loses no act and touches no media: acts on the record travel by HTTP, and a connection to the relay lives
// on without the socket that made it. Whoever comes back in time, to any node, is told exactly what was missed, or else that
// everything is to be read again; never something in between.
//
// There are no silent holes. Events come from the outbox, whose streams are numbered in commit order without a gap. Each
// event names the number before it that the client was told, and that chain is made under the socket's lock where a frame
// leaves the queue, so that it has no hole by construction. Should rows be missing all the same, because they were pruned or
// the database was restored, every socket is closed instead of going on, and the resume that follows finds the hole.
//
// Replayed and live rows meet without hole or double: a socket hears from the position of the index at the very instant at
// which it is placed there (Hub.at moves under the same lock), rows up to there are replayed, and a row that the client has
// been told is dropped when it leaves the queue. Nothing is written before the answer to the first frame.
//
// A resume token opens its one session, and only while the sign-in behind it holds. It is rotated by each use; the one before
// stays good until a successor of it was used, because an answer may be lost, and all its successors until one of them was
// used, because a resume that the page gave up may arrive late. Only hashes are kept.
//
// A critical event is repeated until the page says that it has handled it, and a page that stays silent loses its socket.
//
// A command has its effect at most once on a socket: its id is remembered with its result, and a repetition is answered
// from there, also one that comes while the first still runs. The commands of a socket run one after the other in the order
// in which they came; only joining a call and testing the network, which wait for the media stack, run beside the others.
// After a resume a page may give a command once more whose answer it has not got: every command can be repeated.
//
// Nothing a client sends grows without bound: frames, waiting frames, the rate of commands, remembered results, and the
// queue of frames that it does not read are all limited, and each limit has a close code. A client that does not read
// never delays another one. Strangers are bounded before that: in the sockets that have not sent their first frame, and in
// guesses at resume tokens.
//
// Only who may see an event gets it: the writer of the event names its audience, a socket stands in the index under the
// memberships in force, a command checks them again when that is longer ago than ten seconds, and every fifteen seconds they
// are looked at for everybody here. The token is in the first frame and never in an address.
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
// Hub.takenMu or newsMu, socket.mu, door.mu, and none is held while something outside this package is called.
//
// A call's room is on one node, and a socket may be on any other. Rooms is the room's side: it knows connections, not sockets,
// and only the node that carries a call writes its events, in order, into the outbox.
package signaling
