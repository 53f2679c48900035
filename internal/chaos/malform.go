package chaos

import (
	"context"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// malform opens sockets of its own and says what the protocol forbids; each must be closed, and nobody else's. The resume token of
// somebody else, a replayed one and a made-up one are among it.
func malform(ctx context.Context, r *round) (func(context.Context) error, error) {
	p := r.ward.doctors[r.bouts%len(r.ward.doctors)]
	token := p.bearer(ctx)
	other := r.ward.nurses[r.bouts%len(r.ward.nurses)].socket
	other.mu.Lock()
	session := other.session
	other.mu.Unlock()
	hello := `{"type":"hello","token":"` + token + `"}`
	talks := [][]string{
		{`{`}, {`[]`}, {`{"type":"hello"}`}, {`{"type":"hello","token":"x"}`}, {hello, hello}, {hello, `{"type":"ring"}`}, {hello, `{"type":"presence.set","id":"1"}`},
		{hello, `{"type":"presence.set","id":"00000000-0000-0000-0000-000000000001","state":"AVAILABLE","state":"OFF"}`},
		{hello, `{"type":"ack","stream":99,"seq":-1}`, `{"type":"x"}`}, {hello, `{"type":"ack","stream":1,"seq":9999999}`, `{"type":"x"}`},
		{`{"type":"resume","session":"` + session + `","resume":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","positions":[0,0,0,0,0,0,0,0]}`, `{"type":"resume"}`},
		{`{"type":"resume","session":"` + session + `","resume":"","positions":[9223372036854775807,-1]}`, `{}`},
		{hello, strings.Repeat(" ", 70<<10)},
	}
	r.fault("malform", p.name)
	var work sync.WaitGroup
	for _, talk := range talks {
		n := r.site.victim()
		work.Go(func() {
			began := time.Now()
			last := talk[len(talk)-1]
			last = last[:min(30, len(last))]
			if err := speak(ctx, n, talk); err != nil {
				r.violate("a malformed talk was not ended: " + last)
			}
			r.fault("ended after "+time.Since(began).Round(time.Millisecond).String(), last)
		})
	}
	return func(context.Context) error { work.Wait(); return nil }, nil
}

// speak says some frames and waits for the close; an error says that none came.
func speak(ctx context.Context, n *node, talk []string) error {
	d := websocket.Dialer{NetDialContext: (&net.Dialer{Timeout: 3 * time.Second}).DialContext, HandshakeTimeout: 10 * time.Second, Subprotocols: []string{"lianzhen.v1"}}
	conn, res, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(n.direct(), "http")+"/ws", nil)
	if res != nil {
		defer res.Body.Close()
	}
	if err != nil {
		return nil // not there: nothing was said
	}
	defer conn.Close()
	for _, text := range talk {
		_ = conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if conn.WriteMessage(websocket.TextMessage, []byte(text)) != nil {
			return nil
		}
	}
	_ = conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			if e, ok := err.(net.Error); ok && e.Timeout() {
				return err
			}
			return nil
		}
	}
}
