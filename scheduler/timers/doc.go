// Package timers runs what the program does by the clock: sweeping overdue calls, pruning what is old.
//
// What must always hold:
//
//   - A tick may run on several nodes at once and may be repeated: its work is compare-and-set on rows, by the clock of the
//     database. Therefore there is no leader, and nothing stops when a node dies.
//   - Runs of one tick on a node never overlap, and a slow one delays no other.
//   - A failure, also a panic, ends that run only. It is counted, and logged when the tick begins to fail, once a minute while
//     it fails, and when it works again.
//   - Run returns when its context has ended and every tick has returned; a run gets that context, with its own time limit.
package timers
