package signaling

import (
	"maps"
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/time/rate"
)

// door bounds what strangers can do: the number of sockets that have not sent their first frame, of an address and in all,
// and the guesses at resume tokens of an address. An IPv6 network counts as one address. A hospital stands behind one
// address as well, therefore the limits only stop machines. Who is let in is counted by session, sign-in and account, and never by
// address: a page that comes again and again costs the database a row each time, a ward that comes back at once costs what it must.
type door struct {
	mu      sync.Mutex
	waiting map[netip.Prefix]int
	total   int
	guesses map[netip.Prefix]*guesses
	swept   time.Time
	shared  *rate.Limiter // of those who come when too many addresses have guessed
	visits  map[uuid.UUID]*guesses
	counted time.Time // when visits was last swept
}

type guesses struct {
	limiter *rate.Limiter
	seen    time.Time
}

func newDoor() *door {
	return &door{waiting: map[netip.Prefix]int{}, guesses: map[netip.Prefix]*guesses{}, visits: map[uuid.UUID]*guesses{}, shared: newGuessLimiter()}
}

func newGuessLimiter() *rate.Limiter { return rate.NewLimiter(guessRate, guessBurst) }

// network is whom an address stands for; all that cannot be read are one.
func network(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr, bits := at.Addr().Unmap(), 64
	if addr.Is4() {
		bits = 32
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// crowd says who is too many.
type crowd uint8

const (
	nobody crowd = iota
	address
	everybody
)

// enter counts a socket that has yet to send its first frame, unless there are too many.
func (d *door) enter(from netip.Prefix) crowd {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.waiting[from] >= maxStrangersOfOne:
		return address
	case d.total >= maxStrangers:
		return everybody
	}
	d.enterLocked(from)
	return nobody
}

// enterAgain counts a socket that is to say hello after all; it was let in before.
func (d *door) enterAgain(from netip.Prefix) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.enterLocked(from)
}

func (d *door) enterLocked(from netip.Prefix) {
	d.waiting[from]++
	d.total++
}

// pass notes that a socket has sent its first frame, or ended without.
func (d *door) pass(from netip.Prefix) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.total--
	if d.waiting[from]--; d.waiting[from] == 0 {
		delete(d.waiting, from)
	}
}

// mayGuess says whether an address has not failed too often to be listened to.
func (d *door) mayGuess(from netip.Prefix, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.guesses[from]
	return g == nil && d.sharedHas(now) || g != nil && g.limiter.TokensAt(now) >= 1
}

func (d *door) sharedHas(now time.Time) bool {
	return len(d.guesses) < maxGuessing || d.shared.TokensAt(now) >= 1
}

// failed counts a resume that was refused.
func (d *door) failed(from netip.Prefix, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.guesses[from]; g != nil {
		g.seen = now
		g.limiter.AllowN(now, 1)
		return
	}
	if len(d.guesses) >= maxGuessing && now.Sub(d.swept) >= time.Second {
		d.swept = now
		maps.DeleteFunc(d.guesses, func(_ netip.Prefix, g *guesses) bool { return now.Sub(g.seen) > guessMemory })
	}
	if len(d.guesses) >= maxGuessing {
		d.shared.AllowN(now, 1)
		return
	}
	g := &guesses{limiter: newGuessLimiter(), seen: now}
	g.limiter.AllowN(now, 1)
	d.guesses[from] = g
}

// mayVisit says whether a session, a sign-in or an account has not come too often.
func (d *door) mayVisit(who uuid.UUID, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := d.visits[who]
	return v == nil || v.limiter.TokensAt(now) >= 1
}

// visited counts that a session of a sign-in was opened or resumed.
func (d *door) visited(session, signIn, account uuid.UUID, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.visits) >= maxVisiting && now.Sub(d.counted) >= time.Second {
		d.counted = now
		maps.DeleteFunc(d.visits, func(_ uuid.UUID, v *guesses) bool { return now.Sub(v.seen) > guessMemory })
	}
	for _, who := range []struct {
		id    uuid.UUID
		rate  rate.Limit
		burst int
	}{{session, visitRate, visitBurst}, {signIn, visitRate, visitBurst}, {account, accountRate, accountBurst}} {
		v := d.visits[who.id]
		if v == nil {
			if len(d.visits) >= maxVisiting {
				continue // so many that are let in are no one's flood
			}
			v = &guesses{limiter: rate.NewLimiter(who.rate, who.burst)}
			d.visits[who.id] = v
		}
		v.seen = now
		v.limiter.AllowN(now, 1)
	}
}
