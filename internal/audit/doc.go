// Package audit proves that nothing of a record was changed, removed or slipped in behind the program's back.
//
// # The chain
//
// Consultation events, signed reports, adoptions, attachments and what is stored for them, consents and their withdrawals, accesses
// and the manifests of purges are the links of hash chains, one for each organisation and node. A trigger notes each such row in
// chain_pending, in the row's own transaction; a [Sequencer] on any node takes what was noted and appends it to its own chains
// within a second. Nobody who writes a record takes a lock of the chain or waits for it.
//
// What always holds:
//
//   - Exactly once and without a gap: taking a note, numbering the entry and moving the head are one transaction, under the lock of
//     the head. A node that dies leaves its notes to the others. The row locks, not leases, keep two sequencers apart.
//   - An entry commits to the canonical plain text of its row under a salt of its own. Sealing the row with another key leaves the
//     chain as it is, and without the salt, which a purge removes, nothing can be guessed from the commitment.
//   - An entry names the columns that it speaks for, so a column that a later version adds is held against nothing.
//   - What is sealed in the store of files is chained by the hash of its stored bytes as well; that entry is renewed when it is
//     sealed anew, and the newest one counts.
//   - A checkpoint is the heads of all chains, signed with the system's seal. A checkpoint that was carried out of the database finds
//     a chain that was cut and calculated anew.
//
// # The proof
//
// [Verify] reads and changes nothing. It recalculates every chain, opens every row that an entry speaks for, looks for rows that
// were never chained, checks the digest and the seal of each signed document, opens each file, and asks each [Verifier] that other
// packages bring. What it finds it says in words, the first broken link of each chain first. It trusts the keys, and nothing else
// that lies in the database. [ProveRecord] does the same for one consultation, from its rows to the first signed checkpoint after
// each; what it finds decides whether the consultation counts (NC18).
package audit
