// Package tlscert gives the server its certificate: from the operator's files, or from a small certificate authority of its
// own for a local network, where no public authority can reach.
//
// What always holds:
//
//   - A running server never needs a restart for a certificate: files that change are read again, and the server's own
//     certificate is made anew before it ends and when the machine gets another name or address. When the new one cannot
//     be had, the old one stays in use and the error is logged.
//   - The authority is made once for a data folder and stays, since people install it on their tablets by hand; only the
//     certificate below it changes. A bare self-signed certificate would not do: browsers forbid service workers under one.
//   - The authority's key never leaves its file, which only the server's user can read; it can sign server certificates and
//     no further authorities.
//   - A certificate is good for at most 397 days, which is what browsers accept, and begins a day early for clocks that are
//     behind.
//   - Files are replaced whole, so that a crash leaves the old or the new one.
package tlscert
