package signaling

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/store"
)

// idlePage opens a socket over a bare connection, which costs next to nothing at the page's end, says hello and waits for
// the welcome.
func (w *world) idlePage(p person) net.Conn {
	w.t.Helper()
	conn, err := w.dialer(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	hello := fmt.Sprintf(`{"type":"hello","token":%q,"locale":"zh-CN"}`, p.token)
	request := "GET /ws HTTP/1.1\r\nHost: server.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: " + subprotocol + "\r\n\r\n"
	if _, err := conn.Write([]byte(request)); err != nil {
		w.t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		w.t.Fatal(res, err)
	}
	_ = res.Body.Close()
	frame := []byte{0x81, 0x80 | 126, 0, 0, 0, 0, 0, 0} // text, masked with zeros
	binary.BigEndian.PutUint16(frame[2:], uint16(len(hello)))
	if _, err := conn.Write(append(frame, hello...)); err != nil {
		w.t.Fatal(err)
	}
	head := make([]byte, 4) // the welcome's length is between 126 and 64 Ki
	if _, err := r.Read(head); err != nil {
		w.t.Fatal(err)
	}
	if _, err := r.Discard(int(binary.BigEndian.Uint16(head[2:]))); err != nil {
		w.t.Fatal(err)
	}
	return conn
}

// used gives the bytes of heap and stacks after a collection.
func used() (heap, stacks uint64) {
	runtime.GC()
	runtime.GC() // also what the pools held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, m.StackInuse
}

// BenchmarkIdleSocket measures what an open socket costs that does nothing: the session, its reader, and in this process
// also the page's bare connection. Kernel buffers are not counted.
func BenchmarkIdleSocket(b *testing.B) {
	const sockets = 4000
	for b.Loop() {
		w := onTCP(b)
		people := make([]person, sockets)
		for i := range people {
			people[i] = w.person(roleNurse)
		}
		conns := make([]net.Conn, sockets)
		heap, stacks := used()
		for i := range conns {
			conns[i] = w.idlePage(people[i])
		}
		eventually(b, "the short-lived goroutines have ended", func() bool { return runtime.NumGoroutine() < sockets+50 })
		moreHeap, moreStacks := used()
		kb := func(from, to uint64) float64 { return (float64(to) - float64(from)) / 1024 / sockets }
		b.ReportMetric(kb(heap+stacks, moreHeap+moreStacks), "KB/socket")
		b.ReportMetric(kb(heap, moreHeap), "KB-heap/socket")
		b.ReportMetric(kb(stacks, moreStacks), "KB-stack/socket")
		b.ReportMetric(float64(runtime.NumGoroutine())/sockets, "goroutines/socket")
		for _, c := range conns {
			_ = c.Close()
		}
		eventually(b, "all sockets have ended", func() bool { return len(w.hub.all()) == 0 })
	}
}

// BenchmarkFanOut delivers one event to the sockets of a department and waits until each page has it.
func BenchmarkFanOut(b *testing.B) {
	const sockets = 500
	w := onTCP(b)
	department := uuid.New()
	arrived := make(chan struct{}, sockets)
	for range sockets {
		p := w.person(roleConsultant)
		p.actor.Memberships[0].DepartmentID = &department
		c := w.join(w.signIn(p.actor))
		go func() {
			for {
				_ = c.ws.SetReadDeadline(time.Time{})
				if _, _, err := c.ws.ReadMessage(); err != nil {
					return
				}
				arrived <- struct{}{}
			}
		}()
	}
	e := store.Envelope{Event: "queue.changed", To: store.Audience{Departments: []uuid.UUID{department}},
		Data: map[string]any{"consultationId": uuid.New(), "change": "offered", "urgency": "URGENT"}}
	b.ReportAllocs()
	for b.Loop() {
		w.outbox.append(e)
		for range sockets {
			<-arrived
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/sockets, "ns/socket")
}

// BenchmarkResumeStorm kills a node with all its pages and measures how long it takes until another one has taken them up, each
// with an event that was published meanwhile, on a real database.
func BenchmarkResumeStorm(b *testing.B) {
	const pages, atOnce = 1000, 200
	ns := newNodes(b, 2)
	people := make([]person, pages)
	for i := range people {
		people[i] = ns.person(b, roleNurse)
	}
	for b.Loop() {
		b.StopTimer()
		all := make([]*client, pages)
		for i := range all {
			all[i] = ns.list[0].join(people[i])
		}
		ns.kill(0)
		ns.publish(b, 0, store.Envelope{Event: "message.sent", To: store.Audience{Users: usersOf(people)}, Data: map[string]int{"n": 1}})
		next := make(chan *client)
		took := make(chan time.Duration, pages)
		b.StartTimer()
		for range atOnce {
			go func() {
				for page := range next {
					from := time.Now()
					c := ns.list[1].resume(page)
					var f heard
					for _, want := range []string{"resumed", "event"} { // which was missed, or comes just now
						_ = c.ws.SetReadDeadline(time.Now().Add(time.Minute))
						if err := c.ws.ReadJSON(&f); err != nil || f.Type != want {
							b.Errorf("no %s: %+v %v", want, f, err)
						}
					}
					took <- time.Since(from)
					c.leave()
				}
			}()
		}
		for _, page := range all {
			next <- page
		}
		close(next)
		list := make([]time.Duration, pages)
		for i := range list {
			list[i] = <-took
		}
		slices.Sort(list)
		b.ReportMetric(list[pages/2].Seconds()*1000, "ms-p50")
		b.ReportMetric(list[pages*99/100].Seconds()*1000, "ms-p99")
	}
	b.ReportMetric(float64(b.N*pages)/b.Elapsed().Seconds(), "resumes/s")
}

func usersOf(people []person) []uuid.UUID {
	list := make([]uuid.UUID, len(people))
	for i, p := range people {
		list[i] = p.actor.UserID
	}
	return list
}
