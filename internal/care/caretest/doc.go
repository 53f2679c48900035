// Package caretest builds worlds for tests of the use-cases: a database of its own with keys, institutions, agreements,
// people and residents, a clock and a presence that the test holds in its hands, and the steps of a consultation in one line
// each. Its helpers end the test when a step that should work does not.
//
// A package that uses it needs testdb.Main in its TestMain.
package caretest
