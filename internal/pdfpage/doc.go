// Package pdfpage draws the first page of a PDF with pdftoppm, for a thumbnail.
//
// Invariants:
//   - the program sees one document on its standard input and nothing else of ours: no arguments from outside, no file, no
//     environment but PATH;
//   - it has a bound for its memory, its processor time, the clock, what it may write (nothing) and what it may answer; one runs at a
//     time;
//   - what it answers is a picture from a stranger: the caller decodes it, scales it and encodes it anew;
//   - where the program is not installed there is no picture, and nothing else is missing.
package pdfpage
