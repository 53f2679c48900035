// Package calendar computes when somebody can be booked. Pure functions: the clock, the zone, the statutory calendar and everything that
// is taken come in as arguments.
//
// What always holds:
//
//   - Free slots are computed, never stored. A slot is a proposal: what grants it are the constraints of the database.
//   - Hours are wall-clock hours of a zone on days that a rule of RFC 5545 names; they become instants last. A time that a change of the
//     clocks skips is read with the offset before it, one that occurs twice is the first, as RFC 5545 says (3.3.5).
//   - Ranges are half open: what ends at ten and what begins at ten do not overlap.
//   - Every expansion ends: by COUNT, UNTIL, the asked range, and at the latest after [MaxYears].
//   - A rule that follows the working days does not hold on a day that the statutory arrangement declares off. A make-up working day is
//     worked like its neighbour on the other side of the weekend: a Saturday like the Friday before, a Sunday like the Monday after.
//     (No notice says which day it makes up for; this is the project's own choice, and an exception can say otherwise.)
//   - Leave wins over hours, also over added ones. Preparation, writing up and travel may lie outside of the hours; the visit may not.
//   - A session with more than one seat is shared by appointments of its own kind and instant alone.
package calendar
