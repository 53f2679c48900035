// Package queue keeps an index of what waits in Redis, so that "who is next" and "how many are before me" cost the same with
// five thousand requests as with five. PostgreSQL grants, Redis suggests: the index is never asked who may have a request.
//
// What always holds:
//
//   - The order is consult.Less: CRITICAL first, then the larger waited/target, compared by cross-multiplied integers with the
//     instant as an argument, then the earlier offer in milliseconds, then the smaller id. SQL (queries/queue.sql) and the
//     scripts here say the same; a property test holds them to it.
//   - One session writes: the one that holds the advisory lock in PostgreSQL. Every leader and every rebuild writes a
//     generation of its own, whose number (a transaction id of PostgreSQL) is larger than all before; the pointer to it only
//     goes forward. A leader that was paused writes into a generation that nobody reads.
//   - The index follows the outbox: a row says only that a consultation changed; what is written is what the database says of it
//     after that row was committed. So a row may be applied twice or late and the end is the same. Positions are read
//     before the snapshot that a generation begins with; a hole in the numbers begins a new one.
//   - A reader believes a generation only while each hospital's "live" key is there. The leader renews it twice a second; it lapses
//     after [LiveFor], so an index that nobody keeps, or that was flushed, is not asked. Nothing else is inferred from keys that
//     expire.
//   - A question is answered at once or not at all (ok=false): it never waits longer than [Patience], and not even that while
//     Redis is known to be away. What Redis may cost is a slower answer from SQL, never a different one for long.
//   - Every 30 s the leader compares count and XOR of the entries in Redis with what it wrote, and what it wrote with the
//     database. What differs is repaired and counted in lianzhen_queue_index_drift.
//
// Keys, all of one hospital in one slot of a cluster:
//
//	lz:queue:generation             the number of the generation to read
//	lz:queue:{HOSPITAL}:GEN:live    1 while the generation is kept
//	lz:queue:{HOSPITAL}:GEN:targets hash, urgency to seconds; an urgency that is missing has a target of each request's own
//	lz:queue:{HOSPITAL}:GEN:own     hash, id to seconds: those own targets
//	lz:queue:{HOSPITAL}:GEN:wide    set, ids that stand in several departments, here or elsewhere
//	lz:queue:{HOSPITAL}:GEN:z:DEPARTMENT:URGENCY   sorted set, id by the offer in Unix milliseconds
//
// Requests with targets of their own (SCHEDULED) are compared one by one; there are few. All others are found by rank.
package queue
