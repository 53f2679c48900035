// Package seal keeps identifying health data unreadable in the database and its backups, makes them findable by exact
// value, and puts the system's seal on records.
//
// Three layers of keys: the key-encryption key (KEK) is the operator's, in a file outside of the database; it wraps the
// data keys, which lie in the database; data keys seal values. A new KEK rewraps a handful of data keys and touches no
// value; a new data key seals from then on while older ones still open.
//
// Invariants:
//   - a sealed value opens only for the table, column and row that it was sealed for, and only as a whole: these, the
//     version, the algorithm and the key id are the additional data of AES-256-GCM or SM4-GCM;
//   - a retired data key opens and never seals; values of the table blobs have a data key of their own;
//   - nonces are random, so a data key should seal fewer than 2^32 values;
//   - a look-up hash is an HMAC with a key that seals nothing, over the kind and the normalised value, so that equal
//     numbers of different kinds do not match;
//   - the system's seal is Ed25519 or SM2 over a labelled digest and can never be taken for a token; seal keys verify for ever;
//   - errors and formatted values show ids of keys, never keys or plain text;
//   - this package knows no database: keys come in through [NewKeeper] and, when an unknown id appears, through [Source].
package seal
