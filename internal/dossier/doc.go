// Package dossier writes everything that is held about one resident into a zip: what a person may ask for by law (个人信息保护法 45).
//
// What always holds:
//
//   - Everything that points to the resident in the database is in it, also what a later version adds: the foreign keys decide
//     (store.Lineage), not a list.
//   - Sealed values are opened; one that cannot be opened is named as such, and the rest is written.
//   - It is written as it is read: files pass through memory one by one.
//   - The last entry is a manifest with the SHA-256 of every other one, under the system's seal, so that a copy can be compared and
//     an incomplete one is seen.
//   - What no doctor has signed is left out, and so are name and contact of who complained.
//   - Nothing of other residents is in it, also where one call served several, and nothing that another institution keeps for itself.
package dossier
