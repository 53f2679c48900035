// Package wire is a line between a client and a server that can be made bad while it is in use: slow, jittery, narrow,
// stuttering, dead in one or both directions without anybody being told, or refused.
//
// What always holds:
//
//   - Bytes are never changed, lost or reordered: this is TCP, where a lost packet is a pause. What a bad network does to
//     a TCP connection is done here (delay, jitter, rate, pauses as long as a retransmission); what it does to single
//     packets cannot be.
//   - A dead line says nothing: no FIN and no RST pass it, in neither direction, until it lives again. Then everything
//     that was on its way arrives.
//   - What is on its way is bounded: a direction holds at most 64 pieces of 16 KiB, beyond that the sender's own buffers
//     fill.
//   - Close ends every connection and waits for its goroutines.
package wire
