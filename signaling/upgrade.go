package signaling

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Handler upgrades requests to sockets and returns at once, so that net/http can release what it holds for a request. A
// socket does not end with the request's context: it belongs to the hub and ends with it. Middleware around the handler
// must let its ResponseWriter be hijacked.
func (h *Hub) Handler() http.Handler {
	up := websocket.Upgrader{
		HandshakeTimeout: writeWait,
		ReadBufferSize:   512, // larger frames are read past the buffer
		WriteBufferSize:  1024,
		WriteBufferPool:  &h.writes,
		Subprotocols:     []string{subprotocol},
		CheckOrigin:      func(*http.Request) bool { return true }, // looked at before
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			w.Header().Set("Sec-Websocket-Version", "13")
			refuseUpgrade(w, r, problem.New(status, "websocket_required", nil).Because(reason))
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !h.ownOrigin(r):
			refuseUpgrade(w, r, problem.New(http.StatusForbidden, "origin_refused", nil))
			return
		case !websocket.IsWebSocketUpgrade(r):
			w.Header().Set("Upgrade", "websocket")
			refuseUpgrade(w, r, problem.New(http.StatusUpgradeRequired, "websocket_required", nil))
			return
		case !slices.Contains(websocket.Subprotocols(r), subprotocol):
			refuseUpgrade(w, r, problem.New(http.StatusBadRequest, "subprotocol_required", problem.Args{"name": subprotocol}))
			return
		case h.stopping():
			p := problem.New(http.StatusServiceUnavailable, "unavailable", nil)
			p.RetryAfterSeconds = 1
			refuseUpgrade(w, r, p)
			return
		}
		from := network(r.RemoteAddr)
		if crowd := h.door.enter(from); crowd != nobody {
			refuseUpgrade(w, r, tooMany(crowd))
			return
		}
		conn, err := up.Upgrade(w, r, nil)
		if err != nil {
			h.door.pass(from)
			return // answered by up.Error, or there is nobody to answer
		}
		h.open(conn, from)
	})
}

// tooMany is the refusal while too many sockets have yet to send their first frame.
func tooMany(c crowd) *problem.Problem {
	p := problem.New(http.StatusTooManyRequests, "too_many_requests", problem.Args{"seconds": "1"})
	if c == everybody {
		p = problem.New(http.StatusServiceUnavailable, "unavailable", nil)
	}
	p.RetryAfterSeconds = 1
	return p
}

func (h *Hub) stopping() bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.closed
}

// open makes a socket of a connection.
func (h *Hub) open(conn *websocket.Conn, from netip.Prefix) {
	id, err := uuid.NewV7()
	if err != nil {
		h.door.pass(from)
		_ = conn.Close()
		return
	}
	s := &socket{hub: h, conn: conn, id: id, from: from, opened: h.now()}
	conn.SetPongHandler(s.ponged)
	conn.SetPingHandler(s.pingedByClient)
	s.mu.Lock()
	s.timer = time.AfterFunc(helloWait, s.due)
	s.mu.Unlock()
	if !h.admit(s) {
		s.timer.Stop()
		h.door.pass(from)
		_ = conn.WriteControl(websocket.CloseMessage,
			websocket.FormatCloseMessage(int(closeShutdown), closeShutdown.name()), time.Now().Add(writeWait))
		_ = conn.Close()
	}
}

// ownOrigin says whether a page of this server or of the allow-list asks. A client that is no browser sends no origin; it
// could as well send a false one, and it has no ambient authority that a page could abuse.
func (h *Hub) ownOrigin(r *http.Request) bool {
	given := r.Header["Origin"]
	if len(given) == 0 {
		return true
	}
	if len(given) > 1 {
		return false
	}
	if slices.ContainsFunc(h.Origins, func(o string) bool { return strings.EqualFold(o, given[0]) }) {
		return true
	}
	u, err := url.Parse(given[0])
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// refuseUpgrade answers with a problem, as the HTTP contract does.
func refuseUpgrade(w http.ResponseWriter, r *http.Request, p *problem.Problem) {
	locale := "zh-CN"
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(r.Header.Get("Accept-Language"))), "en") {
		locale = "en"
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p.Contract(locale, w.Header().Get("X-Request-Id")))
}
