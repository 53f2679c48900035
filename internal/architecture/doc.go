// Package architecture holds no code, only the tests that keep the repository in its shape:
//
//   - Imports point one way, from the wiring down to the pure core (rules_test.go has the table). signaling, media and
//     scheduler know nothing of one another, and media knows nothing of consultations; they meet through interfaces that
//     the consumer declares and that internal/app joins.
//   - A new package states its place in that table before anybody can import it.
//   - Each package says in its doc.go, before any code, what always holds in it.
//   - No test sleeps, except on the clock of a testing/synctest bubble, and no test is skipped.
//   - No package is a drawer for what has no name.
package architecture
