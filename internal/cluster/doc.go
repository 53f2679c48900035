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
// # A request
//
// Nodes ask one another through a table, with a notification as wake-up and a poll behind it: that works as long as PostgreSQL
// does, needs no port between nodes and no Redis. A message is taken once. An answer that does not come before the deadline, or
// because the other life has ended, is an error: ErrGone or the context's; what was asked for may have happened or not, as
// with any network. The table is unlogged: a crash of the database loses messages, never more.
package cluster
