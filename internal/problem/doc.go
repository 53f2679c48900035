// Package problem is the one way in which the server says no: a stable code, the HTTP status it maps to, arguments, and
// a sentence in Chinese and English from the one catalogue that also feeds the page.
//
// Invariants:
//   - every code that leaves the server stands in sentences/*.csv or in consult.Catalogue, in both languages; a test walks
//     the source for New calls and compares;
//   - arguments never hold personal data, except the name of a colleague (who took a request);
//   - the cause is for the log only and never leaves the server.
package problem
