// Package route orders a day's home visits: who goes where, when, and why in this order.
//
// What always holds:
//
//   - It is arithmetic: no clock, no network, no randomness but the seed that comes in. The same problem, seed and number of
//     rounds give the same plan on every machine.
//   - Hard are the windows of visits, the doctor's shift and breaks, skills, the number of visits a day, what fits into the car,
//     and what is under way: it stays where it is, first and in its order, even when it has become late. A plan never breaks one of these;
//     a visit that fits nowhere is left out and says why for each doctor.
//   - Soft, in this order: that visits are placed (by priority), then travel, waiting and overtime, weighed by [Weights].
//   - Every visit of a plan carries its reasons: the minutes that it adds to the road, how its window is kept, what makes it wait.
//   - A day that is replanned begins with the day as it was planned, and is only reordered where that gains at least what
//     [Options.MinGain] asks: people were told when somebody comes.
//
// How: cheapest feasible insertion, then relocation of one to three visits (or-opt), reversal and exchange of tails (2-opt*) until
// none helps, then rounds of taking neighbouring visits out and putting them back (slack induction by string removals: J. Christiaens,
// G. Vanden Berghe, Transportation Science 54(2), 2020), keeping the best. Sizes are small: at most some fifteen visits
// a doctor, some twenty doctors; so a move is judged by running the changed day through the clock, and not by clever bounds.
//
// Times are whole seconds from any common origin. Package travel makes the table of travel times, package vroom reads and writes
// the format of VROOM, and package solomon holds published instances with their best known values.
package route
