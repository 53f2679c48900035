// Package solomon holds six of the instances that M. M. Solomon published for routing with time windows (Operations Research 35(2),
// 1987), whole (100 customers) and as their first 25, with the best known values: distances with one digit, cut, and as many
// of 25 cars as one likes. The data are those that K. Helsgaun publishes with LKH-3; the values are proven optima by several
// authors since 1999, as LKH-3 and VROOM's benchmarks list them.
package solomon
