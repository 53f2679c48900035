package wire

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Way is what one direction does. The zero value is a good line.
type Way struct {
	// Delay is added to each piece; Jitter makes it longer or shorter by up to that much. The order stays.
	Delay, Jitter time.Duration
	// Rate is in bytes a second; 0 is unlimited.
	Rate int
	// Loss is the share of pieces that arrive a retransmission later.
	Loss float64
	// Dead lets nothing through, the end of the connection included.
	Dead bool
}

// retransmission is how much later a lost piece arrives: TCP's least timeout, and as much again for the loss of its repetition.
const retransmission = 200 * time.Millisecond

// Conditions are those of a line. Refuse closes what connects anew and leaves what is connected alone.
type Conditions struct {
	Up, Down Way // client to server, server to client
	Refuse   bool
}

// Dead is a line that is dead both ways: a blackout without FIN.
func Dead() Conditions { return Conditions{Up: Way{Dead: true}, Down: Way{Dead: true}} }

// Target is where a line leads, asked anew for each connection.
type Target func() (network, address string)

// Line listens on a loopback port and leads to a server.
type Line struct {
	listener net.Listener
	target   Target
	seed     uint64
	done     chan struct{}
	close    sync.Once
	work     sync.WaitGroup

	mu      sync.Mutex
	now     Conditions
	changed chan struct{} // closed when now changes
	open    map[*pair]bool
	drawn   uint64
}

type pair struct{ client, server net.Conn }

// New opens a line. The seed decides jitter and losses.
func New(seed uint64, target Target) (*Line, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a line: %w", err)
	}
	l := &Line{listener: listener, target: target, seed: seed, done: make(chan struct{}), changed: make(chan struct{}), open: map[*pair]bool{}}
	l.work.Go(l.accept)
	return l, nil
}

// Address is where clients connect to.
func (l *Line) Address() string { return l.listener.Addr().String() }

// Set changes the conditions, also of what is connected and on its way.
func (l *Line) Set(c Conditions) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = c
	close(l.changed)
	l.changed = make(chan struct{})
}

// Cut resets every connection, as a router does that forgets its table.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.open {
		for _, c := range []net.Conn{p.client, p.server} {
			if t, ok := c.(*net.TCPConn); ok {
				_ = t.SetLinger(0)
			}
			_ = c.Close()
		}
	}
}

// Open is how many connections there are.
func (l *Line) Open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

// Close ends the line. It may be called twice.
func (l *Line) Close() {
	l.close.Do(func() {
		close(l.done)
		_ = l.listener.Close()
		l.Cut()
	})
	l.work.Wait()
}

func (l *Line) conditions() (Conditions, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now, l.changed
}

func (l *Line) accept() {
	for {
		client, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			select {
			case <-l.done:
				return
			case <-time.After(10 * time.Millisecond): // out of descriptors: the next one may go
			}
			continue
		}
		if c, _ := l.conditions(); c.Refuse {
			_ = client.Close()
			continue
		}
		l.work.Go(func() { l.carry(client) })
	}
}

// connectWait bounds the connection to the server behind the line.
const connectWait = 5 * time.Second

func (l *Line) carry(client net.Conn) {
	defer client.Close()
	network, address := l.target()
	ctx, cancel := context.WithTimeout(context.Background(), connectWait)
	defer cancel()
	var d net.Dialer
	server, err := d.DialContext(ctx, network, address)
	if err != nil {
		return
	}
	defer server.Close()
	p := &pair{client, server}
	l.mu.Lock()
	l.open[p] = true
	l.drawn++
	draw := l.drawn
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.open, p)
	}()
	select {
	case <-l.done: // closed while we connected: Cut did not see this one
		return
	default:
	}
	var both sync.WaitGroup
	both.Go(func() {
		l.pump(client, server, rand.New(rand.NewPCG(l.seed, 2*draw)), func(c Conditions) Way { return c.Up })
	})
	both.Go(func() {
		l.pump(server, client, rand.New(rand.NewPCG(l.seed, 2*draw+1)), func(c Conditions) Way { return c.Down })
	})
	both.Wait()
}

type piece struct {
	bytes []byte
	due   time.Time
}

// pump carries one direction until it ends, then passes the end on.
func (l *Line) pump(from, to net.Conn, random *rand.Rand, way func(Conditions) Way) {
	queue := make(chan piece, 64)
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(queue)
		var last time.Time
		for {
			buffer := make([]byte, 16<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				c, _ := l.conditions()
				last = way(c).due(time.Now(), last, n, random)
				select {
				case queue <- piece{buffer[:n], last}:
				case <-stop:
					return
				case <-l.done:
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	for p := range queue {
		if !l.wait(p.due, way) {
			break
		}
		if _, err := to.Write(p.bytes); err != nil {
			break
		}
	}
	if l.wait(time.Time{}, way) { // the end, too, waits for the line to live
		if half, ok := to.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}
	close(stop)
	// Who has nowhere to write to reads no more; who was told the end may still answer.
	if half, ok := from.(interface{ CloseRead() error }); ok {
		_ = half.CloseRead()
	}
	reading.Wait()
}

// due says when a piece arrives: after the one before, not faster than the rate, delayed.
func (w Way) due(now, last time.Time, n int, random *rand.Rand) time.Time {
	due := now.Add(w.Delay)
	if w.Jitter > 0 {
		due = due.Add(time.Duration((2*random.Float64() - 1) * float64(w.Jitter)))
	}
	if w.Loss > 0 && random.Float64() < w.Loss {
		due = due.Add(retransmission + w.Delay)
	}
	if due.Before(last) {
		due = last
	}
	if w.Rate > 0 {
		due = due.Add(time.Duration(float64(n) / float64(w.Rate) * float64(time.Second)))
	}
	return due
}

// wait returns true once the time has come and the direction lives, false when the line was closed.
func (l *Line) wait(due time.Time, way func(Conditions) Way) bool {
	for {
		c, changed := l.conditions()
		var timer *time.Timer
		var ripe <-chan time.Time
		if !way(c).Dead {
			d := time.Until(due)
			if due.IsZero() || d <= 0 {
				return true
			}
			timer = time.NewTimer(d)
			ripe = timer.C
		}
		select {
		case <-ripe:
		case <-changed:
		case <-l.done:
		}
		if timer != nil {
			timer.Stop()
		}
		select {
		case <-l.done:
			return false
		default:
		}
	}
}
