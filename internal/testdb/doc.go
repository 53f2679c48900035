// Package testdb gives each test its own real PostgreSQL database and its own real Redis.
//
// What always holds:
//
//   - A test sees nothing of another: its database is copied from a migrated template and dropped at its end, its Redis
//     is leased to it alone and emptied before the next.
//   - The schema is migrated once for each distinct schema in a cluster, whichever package comes first; the others wait
//     for it under an advisory lock. Nobody can connect to the finished template, since a copy needs it idle.
//   - The cluster is the one that [EnvPostgres] names, which `make test` starts once for the whole run; without it the
//     test binary starts a fast one of its own. Either way it holds nothing that is worth keeping.
//   - Test binaries and parallel tests need no agreement among themselves.
//
// A package that uses it has this, and nothing else, as its TestMain:
//
//	func TestMain(m *testing.M) { testdb.Main(m, testdb.Migrate(store.Migrations, store.Migrate)) }
package testdb
