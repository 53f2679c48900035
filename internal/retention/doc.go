// Package retention deletes what is over the time for which it must be kept, and nothing before.
//
// What always holds:
//
//   - It is off until an installation turns it on, and a dry run says beforehand what would go.
//   - How long is data (tables retention_classes, retention_services, retention_tables): 30 years for what counts as an inpatient
//     record, 15 for all other records and for who read them, 3 for messages, half a year for logs.
//   - A record's time runs from the last visit and from the day on which the resident left, whichever is later; the record goes as a
//     whole, with everything that points to the resident (store.Lineage). Who is still in the house keeps everything.
//   - What is sealed (封存) holds the resident's whole record, its messages and its accesses.
//   - Each small transaction deletes rows, lays a tombstone into the chain for each that was chained, forgets the salts of their
//     entries, and writes a sealed manifest that names them by kind and key. So the proof goes on, and nothing can be guessed back.
//   - One process at a time purges, by a lock of the database that ends with it.
package retention
