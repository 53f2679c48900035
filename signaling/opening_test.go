package signaling

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

func TestWelcome(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleNurse)
	c := w.dial()
	if c.ws.Subprotocol() != subprotocol {
		t.Fatalf("subprotocol %q", c.ws.Subprotocol())
	}
	c.send(map[string]any{"type": "hello", "token": p.token})
	f := c.next()
	if f.Type != "welcome" || f.User != p.actor.UserID || f.Session == uuid.Nil || f.Build != "test" || f.ServerTime.IsZero() ||
		f.ExpiresAt.Before(time.Now()) {
		t.Fatalf("welcome %+v", f)
	}
	w.sessions.mu.Lock()
	open := w.sessions.open[f.Session]
	w.sessions.mu.Unlock()
	if !open {
		t.Fatal("the session is not on record")
	}
	if err := c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end is on record", func() bool { code, ok := w.sessions.code(f.Session); return ok && code == websocket.CloseGoingAway })
}

func TestLostSocketIsOnRecord(t *testing.T) {
	w := onTCP(t)
	c := w.dial()
	c.send(map[string]any{"type": "hello", "token": w.person(roleNurse).token})
	session := c.next().Session
	c.leave()
	eventually(t, "the end is on record", func() bool { code, ok := w.sessions.code(session); return ok && code == 1006 })
}

func TestHelloRefused(t *testing.T) {
	w := onTCP(t)
	good := w.person(roleNurse)
	expired := w.person(roleNurse)
	w.auth.put(expired.token, expired.actor, time.Now().Add(-time.Second))
	first := w.person(roleNurse)
	first.actor.MustChangePassword = true
	first = w.signIn(first.actor)
	for name, x := range map[string]struct {
		frame  string
		code   closeCode
		detail string
	}{
		"unknown token":   {`{"type":"hello","token":"x"}`, closeUnauthorized, ""},
		"expired token":   {`{"type":"hello","token":"` + expired.token + `"}`, closeUnauthorized, ""},
		"first sign-in":   {`{"type":"hello","token":"` + first.token + `"}`, closePassword, ""},
		"no token":        {`{"type":"hello"}`, closeBadRequest, "wrong_value"},
		"empty token":     {`{"type":"hello","token":""}`, closeBadRequest, "wrong_value"},
		"number":          {`{"type":"hello","token":5}`, closeBadRequest, "wrong_value"},
		"null":            {`{"type":"hello","token":null}`, closeBadRequest, "wrong_value"},
		"unknown field":   {`{"type":"hello","token":"` + good.token + `","admin":true}`, closeBadRequest, detailUnknownField},
		"other case":      {`{"type":"hello","Token":"` + good.token + `"}`, closeBadRequest, detailUnknownField},
		"repeated":        {`{"type":"hello","token":"x","token":"` + good.token + `"}`, closeBadRequest, detailRepeated},
		"command":         {`{"type":"presence.get","id":"` + uuid.NewString() + `"}`, closeBadRequest, detailUnknownType},
		"no type":         {`{"token":"` + good.token + `"}`, closeBadRequest, detailUnknownType},
		"not JSON":        {`hello`, closeBadRequest, detailNotJSON},
		"array":           {`[]`, closeBadRequest, detailNotJSON},
		"two objects":     {`{"type":"hello","token":"` + good.token + `"}{}`, closeBadRequest, detailNotJSON},
		"empty":           {``, closeBadRequest, detailNotJSON},
		"invalid UTF-8":   {"{\"type\":\"hello\",\"token\":\"\xff\"}", closeBadRequest, detailNotJSON},
		"endless locale":  {`{"type":"hello","token":"x","locale":"` + strings.Repeat("z", 36) + `"}`, closeBadRequest, "wrong_value"},
		"over-long frame": {`{"type":"hello","token":"` + strings.Repeat("x", maxFrame) + `"}`, closeFrameTooBig, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := w.dial()
			c.t = t
			c.sendText(x.frame)
			want := x.code.name()
			if x.detail != "" {
				want += ": " + x.detail
			}
			if reason := c.closed(x.code); reason != want {
				t.Fatalf("reason %q, expected %q", reason, want)
			}
		})
	}
	t.Run("binary", func(t *testing.T) {
		c := w.dial()
		if err := c.ws.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"hello","token":"`+good.token+`"}`)); err != nil {
			t.Fatal(err)
		}
		c.closed(closeBadRequest)
	})
	t.Run("token cannot be checked", func(t *testing.T) {
		w.auth.fail(problem.New(http.StatusServiceUnavailable, "unavailable", nil))
		c := w.dial()
		c.send(map[string]any{"type": "hello", "token": good.token})
		c.closed(closeDisconnected)
		w.auth.fail(nil)
	})
	if n := len(w.hub.audienceOf(good.actor.UserID)); n != 0 {
		t.Fatalf("%d refused sockets stand in the index", n)
	}
}

// audienceOf counts the sockets that a user's events would go to.
func (h *Hub) audienceOf(user uuid.UUID) []*socket {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.users[user]
}

// A frame that announces far more than the limit is refused before it has arrived.
func TestHugeFrameIsRefusedEarly(t *testing.T) {
	w := onTCP(t)
	c := w.join(w.person(roleNurse))
	writer, err := c.ws.NextWriter(websocket.TextMessage)
	if err != nil {
		t.Fatal(err)
	}
	part := []byte(strings.Repeat("x", 32<<10))
	for range 3 { // never finished
		if _, err := writer.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	c.closed(closeFrameTooBig)
}

func TestUpgradeRefused(t *testing.T) {
	w := onTCP(t)
	upgrade := func(change ...string) http.Header {
		h := http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {subprotocol}, "Accept-Language": {"en-GB,en"}}
		for i := 0; i < len(change); i += 2 {
			h.Set(change[i], change[i+1])
		}
		return h
	}
	for name, x := range map[string]struct {
		header http.Header
		status int
		code   string
	}{
		"foreign origin":    {upgrade("Origin", "https://evil.example"), 403, "origin_refused"},
		"origin null":       {upgrade("Origin", "null"), 403, "origin_refused"},
		"other port":        {upgrade("Origin", "http://server.example:81"), 403, "origin_refused"},
		"other scheme":      {upgrade("Origin", "file://server.example"), 403, "origin_refused"},
		"name as a prefix":  {upgrade("Origin", "https://desk.example.evil.example"), 403, "origin_refused"},
		"not a WebSocket":   {http.Header{"Accept-Language": {"en"}}, 426, "websocket_required"},
		"other version":     {upgrade("Sec-Websocket-Version", "8"), 400, "websocket_required"},
		"other subprotocol": {upgrade("Sec-Websocket-Protocol", "chat"), 400, "subprotocol_required"},
	} {
		t.Run(name, func(t *testing.T) {
			res := w.get(x.header)
			defer func() { _ = res.Body.Close() }()
			var p contract.Problem
			if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != x.status || p.Code != x.code || p.Message == "" || res.Header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("%d %+v", res.StatusCode, p)
			}
			if p.Message != problem.Sentence("en", x.code, problem.Args{"name": subprotocol}) {
				t.Fatalf("message %q", p.Message)
			}
		})
	}
	for name, origin := range map[string]string{
		"own": "https://server.example", "own in capitals": "http://SERVER.example", "allowed": "https://desk.example", "none": "",
	} {
		t.Run(name, func(t *testing.T) {
			d := websocket.Dialer{Subprotocols: []string{subprotocol},
				NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return w.dialer(ctx) }}
			h := http.Header{}
			if origin != "" {
				h.Set("Origin", origin)
			}
			ws, res, err := d.Dial("ws://server.example/ws", h)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			_ = ws.Close()
		})
	}
}

func TestOldestOfTooManySocketsIsReplaced(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleNurse)
	first := w.join(p)
	var others []*client
	for range maxPerSignIn - 1 {
		others = append(others, w.join(p))
	}
	other := p.actor
	other.SessionID = uuid.New()
	w.join(w.signIn(other)) // another sign-in of the same account does not count
	newest := w.join(p)
	first.closed(closeReplaced)
	for _, c := range append(others, newest) {
		c.accepted("token.renew", map[string]any{"token": p.token}, nil)
	}
}

// Before the outbox is followed an event could pass unseen between a page's reading and its events.
func TestWelcomeWaitsForTheOutbox(t *testing.T) {
	w := newWorld(t, nil)
	w.outbox.fail(errAway)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.network = "tcp"
	w.dialer = func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
	}
	w.serve(l)
	t.Cleanup(w.close)
	p := w.person(roleNurse)
	c := w.dial()
	c.send(map[string]any{"type": "hello", "token": p.token})
	w.auth.mu.Lock()
	asked := w.auth.asked
	w.auth.mu.Unlock()
	if asked != 0 {
		t.Fatal("the token was looked at before the outbox was followed")
	}
	w.outbox.fail(nil)
	if f := c.next(); f.Type != "welcome" {
		t.Fatalf("%+v", f)
	}
}
