// Command testcluster runs a command with one PostgreSQL test cluster for all of it:
//
//	go run ./internal/testdb/cmd/testcluster go test -race ./...
//
// It starts a fast cluster in memory, names it in LIANZHEN_TEST_PG, passes interrupts on, stops the cluster when the
// command ends, and exits with the command's exit code.
package main
