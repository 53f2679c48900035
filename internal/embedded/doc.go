// Package embedded runs a private PostgreSQL and a private Redis as child processes, from the programs that are
// installed on the machine, so that the server starts with no settings at all and tests use the real things.
//
// What always holds:
//
//   - A folder has one owner. [StartPostgres] and [StartRedis] hold an exclusive lock on a file in the folder for as
//     long as the child lives; a second start gets an [InUseError] with the owner's process number, never a second
//     server on the same files.
//   - Nothing listens on the network. Both servers answer on a Unix socket in a folder that only this user can enter.
//     The socket stays in the data folder when its path is short enough for the kernel (107 bytes) and otherwise moves
//     to a private folder in the temporary directory whose name is derived from the path.
//   - A child never outlives its owner, even when that is killed with SIGKILL: the kernel delivers a parent-death signal
//     that is a clean stop for both servers. What a killed server itself leaves behind (a session that still holds the
//     shared memory, a pid file whose number now belongs to somebody else) is ended and removed before the next start,
//     which the lock makes safe.
//   - It works for root, which PostgreSQL refuses: the child runs in a user namespace in which our user has an ordinary
//     number, and where the kernel does not allow that, as the user postgres or nobody with a data folder of its own.
//   - A cluster is complete or absent: initdb works in a neighbouring folder that is renamed when it is done.
//   - A program that is missing, or too old, or does not fit the data, is reported with what to install.
//
// Fast clusters ([Options.Fast]) are for tests: they live in memory where there is room, give up durability, and are
// removed when they stop.
package embedded
