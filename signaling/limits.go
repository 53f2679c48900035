package signaling

import "time"

// The limits of PROTOCOL.md. They are constants: a client is written against them.
const (
	maxFrame          = 64 << 10          // bytes of a frame from a client
	helloWait         = 5 * time.Second   // from the upgrade to the first frame
	pingEvery         = 20 * time.Second  // from a pong to the next ping
	pongWait          = 10 * time.Second  // from a ping to its pong
	writeWait         = 5 * time.Second   // for one frame to leave
	maxQueue          = 1 << 20           // bytes waiting for a client
	commandRate       = 20                // commands a second …
	commandBurst      = 40                // … and at once
	maxPerSignIn      = 8                 // sockets
	expiryGrace       = 30 * time.Second  // after the access token expired
	resumeWindow      = 120 * time.Second // after the last sign of life of a session
	maxReplayRows     = 10_000            // rows of the outbox that are looked through for a resume …
	maxReplayBytes    = 1 << 20           // … and bytes of the events that were missed
	ackEvery          = 3 * time.Second   // a critical event is repeated
	ackWait           = 15 * time.Second  // … before its socket is given up
	maxUnheard        = 256               // critical events without an ack
	guessRate         = 1                 // failed resumes of an address a second …
	guessBurst        = 60                // … and at once
	visitRate         = 1                 // sessions that a sign-in opens, or one session that is resumed, a second …
	visitBurst        = 60                // … and at once
	accountRate       = 4                 // the same of an account a second …
	accountBurst      = 240               // … and at once
	maxStrangersOfOne = 1024              // sockets of an address before their first frame …
	maxStrangers      = 8192              // … and of a node
	maxSlow           = 4                 // joins and network tests of one socket at the same time
	maxRemembered     = 256               // results of one socket
	presenceMax       = 240               // minutes of BACK_SOON
	subprotocol       = "lianzhen.v1"
	maxTicketBytes    = 4 << 10
	maxLocale         = 35
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
	refreshEvery       = 15 * time.Second      // the memberships of everybody here are looked at
	backlogRows        = 1024                  // of a stream that are kept in memory at least
	maxGuessing        = 10_000                // addresses whose failed resumes are remembered …
	guessMemory        = 2 * time.Minute       // … for at least this long; by then a limiter is full again
	maxVisiting        = 50_000                // sessions, sign-ins and accounts whose comings are remembered, as long
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
