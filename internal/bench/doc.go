// Package bench measures the product as it is shipped, on databases of its own.
//
// What always holds:
//
//   - A run starts a private PostgreSQL and a private Redis in a temporary folder, with every durability setting on, marks the
//     database as a demo, and removes both at the end. It never touches another database.
//   - What is measured goes through the real use-cases and, where sockets count, through the real server, which is another
//     process than the clients: bytes per socket are the server's alone.
//   - A baseline runs in the same run on the same database, with the same number of workers and as many row changes in as many
//     transactions for each request as PostgreSQL counted for ours. scheduler/BENCHMARKS.md says what each does.
//   - Everything that was promised is checked: a request that was granted twice, or that ended neither here nor there, and an
//     event that a page got twice or not at all, is counted and makes the run fail.
//   - Results have one form: [Report].
package bench
