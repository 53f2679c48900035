package signaling

import "time"

// The limits of PROTOCOL.md. They are constants: a client is written against them.
const (
	maxFrame       = 64 << 10         // bytes of a frame from a client
	helloWait      = 5 * time.Second  // from the upgrade to the first frame
	pingEvery      = 20 * time.Second // from a pong to the next ping
	pongWait       = 10 * time.Second // from a ping to its pong
	writeWait      = 5 * time.Second  // for one frame to leave
	maxQueue       = 1 << 20          // bytes waiting for a client
	commandRate    = 20               // commands a second …
	commandBurst   = 40               // … and at once
	maxPerSignIn   = 8                // sockets
	expiryGrace    = 30 * time.Second // after the access token expired
	maxSlow        = 4                // joins and network tests of one socket at the same time
	maxRemembered  = 256              // results of one socket
	presenceMax    = 240              // minutes of BACK_SOON
	subprotocol    = "lianzhen.v1"
	maxTicketBytes = 4 << 10
)

// The limits that no client needs to know.
const (
	maxPending         = 64               // frames received and not yet answered …
	maxPendingBytes    = 4 * maxFrame     // … and their bytes
	maxRememberedBytes = 256 << 10        // of the remembered results of one socket
	frameOverhead      = 48               // bytes that a queued frame costs beside its content
	commandTime        = 10 * time.Second // for one command
	linger             = 2 * time.Second  // for the client's answer to a close frame
	stillKnown         = 10 * time.Second // a token checked this recently is not checked again
	goneAfter          = 10 * time.Second // a user without a socket for this long has left
	touchEvery         = 15 * time.Second
	attendanceTick     = 5 * time.Second
	seenEvery          = time.Minute
	drainPerSocket     = 10 * time.Millisecond // closing at shutdown is spread over this much for each socket …
	maxDrain           = 5 * time.Second       // … at most
	cutWait            = time.Second           // for goroutines to end after they were cut off
	recordTime         = 5 * time.Second       // for noting the end of a session
	neverUp            = time.Minute           // a join that never connected is forgotten
	pollEvery          = time.Second
	outboxBatch        = 256
	retryFirst         = 500 * time.Millisecond // full-jitter back-off
	retryMax           = 10 * time.Second
)
