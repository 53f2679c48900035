// Package cluster lets any number of nodes on one PostgreSQL know who lives, who carries which call, and ask one another for
// things. It knows neither media nor consultations; what a call's change of hands means is done by whoever uses it.
//
// # A life
//
// A node lives under a name for a term. The term comes from a sequence and is never used twice, so that a term alone says
// whose something is: a lease, a message, a media interval. A node gives a sign of life every second by the database's clock,
// and one that has given none for four seconds may be taken for dead ("buried") by any other. The row lock of its entry decides
// between a late sign of life and the burial, and a burial is final: the node learns from its next sign of life that this life
// is over, lets go of everything it carried (Config.Died), and begins a new one under a new term.
//
// A process that was killed is told from one that is slow by its connection: each life holds a lock on the connection on which
// it hears of messages, and the database lets go of it as soon as that process has ended. A node whose connection was seen and is
// gone is buried after two seconds of silence. A node under load, or paused, keeps its connection and has its four seconds; so
// does one whose machine lost power, since nobody closes its connection. A lost connection alone buries nobody.
//
// A silence of the database is nobody's death. A node buries others only when its own signs of life have been regular for as
// long as the others are silent; when the database comes back after a while away, everybody is silent and nobody is buried. Nor
// does a node that cannot reach the database let go of its calls: their media goes on, and what it would record is fenced.
//
// # A lease
//
// A call's room is on one node, by a lease. A lease is taken when nobody has it, or it is the node's own already; it becomes
// nobody's when the life of its holder is over, or its holder gives it up to drain. Its term rises each time that it changes
// hands, also to nobody, and with the holder's own term is the fencing token: whoever records something for a call names both,
// in the transaction that records it (queries HoldsLease and KeepLease). So at most one life can record for a call at any
// instant, and one that was paused and comes back can record nothing under what it held before.
//
// Freeing a dead node's lease is not done here but by Config.Orphaned, in the same transaction as what follows from it for
// the record. Until then nobody can take it: no call has a new room while its old one is not accounted for. Orphaned is called
// again and again until it has succeeded, on every node, so that no death is needed twice.
//
// # How long a call is without its node
//
// What passes from the death of a process until both people see and hear each other again, each as the code has it:
//
//	1.0–2.3 s  until it is buried: two seconds after its last sign of life, which was up to a second before; as soon as a sign of
//	           life is late (1.5 s), the others look four times a second. 3.0–4.3 s when the machine is gone with it.
//	0.1 s      Orphaned: the lease is free, the record is settled, "call.moved" is on its way to the pages
//	0–0.4 s    the pages do not all come at once (jitter in web/src/call/media/CallEngine.ts)
//	0–0.5 s    a page whose socket was on that node opens another one: one try after full jitter from 0.5 s, then the resume
//	           replays "call.moved". A socket that nobody closed is missed once media is silent: asked, and given up after 3 s.
//	0.3–1.0 s  is the server there, a ticket, call.join, ICE, DTLS, the first key picture
//
// A page notices by itself when nobody tells it: media that was silent for 1.9 s (watchdog.ts) is joined anew. Its call.join then
// waits with the dead node's name at the node it came to, which asks anew when that life is over: what was sent is not given up
// for "call.moved". A socket carries out its newest join alone: an older one that was carried out last would put the newer out, and
// the page would wait for a connection that cannot come. A relay that answered and does not connect is given up after 5 s (join.ts),
// and a try that fails is repeated after full jitter from 0.5 s to 3 s (Mender.ts).
//
// # A request
//
// Nodes ask one another through a table, with a notification as wake-up and a poll behind it: that works as long as PostgreSQL
// does, needs no port between nodes and no Redis. A message is taken once. An answer that does not come before the deadline, or
// because the other life has ended, is an error: ErrGone or the context's; what was asked for may have happened or not, as
// with any network. The table is unlogged: a crash of the database loses messages, never more.
package cluster
