// Package travel makes the table of travel times that a day is planned with.
//
// Without a map the time on the road is estimated: the distance as the crow flies, times how much longer roads are, at the speed of the
// area; a table of known journeys goes before the estimate, and a server that speaks OSRM's table service before both. A plan
// keeps the table it was made with, so that it can be explained later.
package travel
