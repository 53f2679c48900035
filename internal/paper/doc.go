// Package paper sets documents for paper: A4, PDF/A-2u with embedded parts of Chinese fonts, so that what is printed or kept for years
// reads the same everywhere and can be searched.
//
// Invariants:
//   - the same document gives the same bytes: nothing in a file depends on when or where it was set but what the document says;
//   - nothing is lost for want of a glyph: a character that no font has is printed as its code point;
//   - fonts are files that the operator installed, read when something is printed first and kept; none is downloaded or sent along;
//   - one document is set at a time: setting one takes a good part of a second of one processor and some 100 MB for a moment.
package paper
