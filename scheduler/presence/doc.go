// Package presence knows which doctors are available: what they said (state) and whether one of their pages has a socket
// somewhere (connected). It is in Redis, so that all nodes agree, and every node keeps what it knows itself.
//
// What must always hold:
//
//   - Presence is a hint. It decides who is rung and what a nurse is promised, never who may take a request. Therefore nothing
//     here fails a command: with Redis away a node answers from memory, and says so in a metric.
//   - Connected means that a node said within the last 45 s that it has a socket of that user. Nodes say so every 15 s; when a
//     node dies, its part lapses by itself. The 45 s are measured on the clock of Redis, so that nodes whose clocks differ
//     agree.
//   - A state outlives a reload and a bad connection, not a shift: 30 min after the last sign of life it is forgotten, and
//     the doctor is OFF.
//   - The newest statement wins, also one that was made while Redis was away or has since been flushed: a node repeats the
//     statements that were made on it with each sign of life, with the instant at which they were made.
//   - One user is one key, and each script touches one key, so that a Redis Cluster serves as well.
package presence
