// Package keys rotates the keys of an installation while its servers run.
//
// What always holds:
//
//   - A value is readable at every instant: a new key is there before anything is sealed with it, a former one opens as long as
//     anything may be sealed with it, and it is never deleted.
//   - Nothing is overwritten: a value is replaced only while it is still the one that was read, and rows that somebody works on are
//     left for the next pass.
//   - A rotation that was broken off is finished by whoever runs the command again; nothing is done twice, since what is sealed with
//     the present key is passed over.
//   - Work is done in small transactions with a pause between them, so that the servers go on.
//   - A look-up key is known to every node before any node stores under it, and values are found under both until every hash was made
//     again.
//   - The chain of the record covers plain texts, so a rotation leaves it whole; what lies in the store of files is chained anew.
package keys
