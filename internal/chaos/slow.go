package chaos

import (
	"context"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
)

// slowBound is within how long a client that reads nothing must be cut off: a ping every 20 s, a pong within 10 s, and as much again
// for a busy machine.
const slowBound = 60 * time.Second

// slowReader opens a socket straight to a node with the smallest receive buffer, asks for answers and reads none. It returns after how
// long the server cut it off.
func slowReader(ctx context.Context, p *person, n *node) (time.Duration, error) {
	d := net.Dialer{Timeout: 5 * time.Second, Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 2048) })
	}}
	dialer := websocket.Dialer{NetDialContext: d.DialContext, HandshakeTimeout: 5 * time.Second, Subprotocols: []string{"lianzhen.v1"}}
	conn, res, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(n.direct(), "http")+"/ws", http.Header{})
	if res != nil {
		defer res.Body.Close()
	}
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.WriteJSON(map[string]any{"type": "hello", "token": p.bearer(ctx)}); err != nil {
		return 0, err
	}
	var welcome frame
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	if err := conn.ReadJSON(&welcome); err != nil || welcome.Type != "welcome" {
		return 0, errOrNone(err)
	}
	began := time.Now()
	for {
		// Ten a second is within the limit of commands; each brings a result that nobody reads.
		if !pause(ctx, 100*time.Millisecond) {
			return time.Since(began), ctx.Err()
		}
		_ = conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if err := conn.WriteJSON(map[string]any{"type": "presence.get", "id": uuid.NewString()}); err != nil {
			return time.Since(began), nil
		}
	}
}
