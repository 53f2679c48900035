// Package sfu is a selective forwarding unit for rooms of two to six people.
//
// # What must always hold
//
// One PeerConnection per participant. The client offers once and the relay answers once; there is no second
// negotiation in the life of a connection. An offer has a fixed layout (offer.go): three m-lines on which the
// client sends (microphone, camera, screen) and eleven on which it receives (five audio, five video, one screen). A
// room in which somebody joins or leaves never renegotiates the others: the relay switches sources into their receiving
// m-lines, which are called slots, and says so through [Observer.Slots].
//
// A slot is one RTP stream for ever. Its SSRC never changes, its sequence numbers have no gap and its timestamps never
// run back when the source behind it changes, so that a browser sees one long stream and its jitter buffer, its
// decryption and its retransmission keep working. A video slot begins a new source with a key frame and carries nothing
// until it has one.
//
// Audio slot i and video slot i of a subscriber carry the same person and share a media stream, therefore the browser
// keeps lips and voice together.
//
// The relay is an ICE-lite agent, and the DTLS server. It never trickles: every address it has stands in the answer.
// As DTLS server it decides the SRTP profile, and it takes AES-GCM before AES-CM; browsers in that seat choose AES-CM,
// which costs four times as much.
//
// No text of a client's session description reaches the WebRTC stack. The offer is parsed, checked against the layout
// and written anew from the few values that matter, with the codecs the relay knows; see offer.go.
//
// # Who owns what
//
// One goroutine, the control loop, owns all rooms, participants, seats and presence ledgers (loop.go, room.go). Joins,
// leaves and connection changes are functions sent to it; none of them blocks, so that one loop serves a node's rooms.
// Packets do not pass through it: each incoming track has a reader goroutine (source.go) that reads, checks and writes
// to the subscribers' slots through a copy-on-write list. The only lock on that path belongs to one slot, is held for
// the arithmetic of one header, and is contended only in the instant in which the slot changes its source.
//
// Every goroutine belongs to a peer or to the relay, and [Relay.Close] waits for all of them, or for its context.
//
// The [Observer] is called from one goroutine, in order, never with a lock held. A slow observer delays only itself: what
// waits for it is bounded by coalescing, a newer slot list replaces an older one of the same participant and a newer
// state of a presence interval replaces the older state of the same interval; no interval is ever dropped.
//
// # Presence is evidence
//
// The relay keeps two kinds of intervals for a connection. "connected": the time in which ICE and DTLS were up. "media":
// the time in which audio or video packets arrived, a silence of five seconds ending it at its last packet. A change of
// the mute state closes the media interval and opens the next at the same instant, so that each interval is homogeneous.
// Intervals are handed over when they open, every ten seconds, and when they close; after a crash of the process the
// last hand-over is the truth up to ten seconds.
package sfu
