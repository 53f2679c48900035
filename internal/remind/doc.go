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
//   - The family of a resident who has left is told nothing more, also not that the appointment is cancelled; its link is over.
//   - A message says when and where in general words: no name, no illness. What is told to staff links to a page behind the sign-in.
//
// # Families
//
//   - The link of a message is of one appointment and opens until that has ended; moved, it shows the new time. A nurse's link is of one resident; it asks for visits, is
//     listed and revoked, and ends by itself. Of both only the hash is kept; whatever is wrong with a link, the answer is the same (404 link_over);
//     of one that was good it says whom to call: the house's public name and telephone.
//   - Looking changes nothing, since robots look into messages. Answers are POSTs, count once however often they are sent, and are for the time that the page showed.
//   - The page shows of a resident the family name with a title, and of the appointment who comes, when and where in general words. Tries are bounded per address, requests
//     of a link per day.
//   - A confirmation is an answer beside the appointment and does not raise its revision. A cancellation frees the time for who waits; a wish for another time is
//     on the nurses' list until somebody has called.
package remind
