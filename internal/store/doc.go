// Package store is the only place that speaks to PostgreSQL: migrations (forward only), queries (SQL in queries/*.sql,
// Go by sqlc in package db), transactions and the outbox.
//
// Invariants:
//   - every change of state is one transaction that holds the compare-and-set, its event row and its outbox row;
//   - outbox rows are numbered in commit order within a shard, without a gap: the writer holds the shard's row until it
//     commits, so a reader's cursor never skips a row. Append it last in a transaction, to hold the row for a short time only;
//   - consultation_events, reports, adoptions, vitals, chat_messages and access_log refuse UPDATE and DELETE by trigger;
//   - rows of the replaceable code tables (code_rows) are retired by a newer version, never changed or deleted; Store.Codes gives those in
//     force, and every node follows a new version within seconds;
//   - personal data enters and leaves only sealed (columns *_enc); this package never opens a sealed value.
package store
