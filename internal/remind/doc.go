// Package remind holds the reminders of appointments and what people answer to them: three days, one day and two hours before, to who goes, to the house
// where the resident lives and to the family; by letter to those whom no message reaches.
//
// What always holds:
//
//   - What was said of an appointment is a row, one for an appointment, a kind and a revision: however many nodes look, it is said once. Moving an appointment
//     raises its revision, so that what was planned or waits for the earlier time is not sent any more (notification_live), and the reminders begin anew.
//   - A reminder whose time was over when the appointment was made is left out. Of several that are due at once the last is told. What is left out is a
//     row with its reason.
//   - Nobody is reminded in the quiet hours of the organisation, or once the appointment has begun. What falls into them comes at their end, or the evening before
//     where that would be too late.
//   - Of a change those are told to whom a message about the appointment went.
//   - A message says when and where in general words: no name, no illness. What is told to staff links to a page behind the sign-in.
package remind
