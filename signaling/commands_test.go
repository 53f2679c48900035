package signaling

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// arguments that pass the validation of each command, so that a refusal is about the role.
func arguments(name string) map[string]any {
	switch name {
	case "token.renew":
		return map[string]any{"token": "x"}
	case "presence.set":
		return map[string]any{"state": stateOff}
	case "call.join":
		return map[string]any{"ticket": "x", "offer": "x"}
	case "call.mute":
		return map[string]any{"callId": uuid.New(), "connection": uuid.New(), "audio": true, "video": false}
	case "call.leave", "call.state":
		return map[string]any{"callId": uuid.New(), "connection": uuid.New()}
	case "media.probe":
		return map[string]any{"offer": "x"}
	default:
		return nil
	}
}

func TestRolesOfEveryCommand(t *testing.T) {
	w := onTCP(t)
	roles := []string{roleNurse, roleAttending, roleConsultant, "INST_ADMIN", "REG_COUNTY", "REG_LEAGUE", "REG_REGION", "SYS_ADMIN",
		"CARE_WORKER", "FAMILY_DOCTOR"}
	for _, role := range roles {
		c := w.join(w.person(role))
		for _, command := range Commands() {
			allowed := len(command.Roles) == 0
			for _, r := range command.Roles {
				allowed = allowed || r == role
			}
			f := c.do(command.Name, arguments(command.Name))
			if refused := f.Error != nil && f.Error.Code == "forbidden"; refused == allowed {
				t.Errorf("%s as %s: allowed %v, got %+v", command.Name, role, allowed, f.Error)
			}
		}
	}
	nobody := w.join(w.person())
	for _, command := range Commands() {
		if len(command.Roles) > 0 {
			nobody.refused("forbidden", command.Name, arguments(command.Name))
		}
	}
}

// A role is looked at before the fields: a stranger learns nothing about them.
func TestRoleBeforeFields(t *testing.T) {
	w := onTCP(t)
	w.join(w.person(roleNurse)).refused("forbidden", "presence.set", map[string]any{"state": 5})
}

func TestBadFrames(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleConsultant)
	id := uuid.NewString()
	for name, x := range map[string]struct{ frame, detail string }{
		"not JSON":         {`{"type":`, detailNotJSON},
		"text":             {`presence.get`, detailNotJSON},
		"array":            {`[{"type":"presence.get","id":"` + id + `"}]`, detailNotJSON},
		"trailing":         {`{"type":"presence.get","id":"` + id + `"} x`, detailNotJSON},
		"invalid UTF-8":    {"{\"type\":\"presence.get\",\"id\":\"" + id + "\",\"\xc3\":1}", detailNotJSON},
		"no type":          {`{"id":"` + id + `"}`, detailUnknownType},
		"unknown type":     {`{"type":"presence.grab","id":"` + id + `"}`, detailUnknownType},
		"type of a number": {`{"type":1,"id":"` + id + `"}`, detailUnknownType},
		"second hello":     {`{"type":"hello","token":"` + p.token + `"}`, detailUnknownType},
		"unknown field":    {`{"type":"presence.get","id":"` + id + `","user":"x"}`, detailUnknownField},
		"field of another": {`{"type":"presence.get","id":"` + id + `","state":"OFF"}`, detailUnknownField},
		"other case":       {`{"type":"presence.get","ID":"` + id + `"}`, detailMissingID},
		"no id":            {`{"type":"presence.get"}`, detailMissingID},
		"null id":          {`{"type":"presence.get","id":null}`, detailMissingID},
		"id of a number":   {`{"type":"presence.get","id":5}`, detailMissingID},
		"id without form":  {`{"type":"presence.get","id":"1"}`, detailMissingID},
		"id in braces":     {`{"type":"presence.get","id":"{` + id + `}"}`, detailMissingID},
		"repeated field":   {`{"type":"presence.get","id":"` + id + `","id":"` + id + `"}`, detailRepeated},
	} {
		t.Run(name, func(t *testing.T) {
			c := w.join(p)
			c.t = t
			c.sendText(x.frame)
			if reason := c.closed(closeBadFrame); reason != "bad_frame: "+x.detail {
				t.Fatalf("reason %q", reason)
			}
		})
	}
	t.Run("binary", func(t *testing.T) {
		c := w.join(p)
		if err := c.ws.WriteMessage(websocket.BinaryMessage, []byte(`{"type":"presence.get","id":"`+id+`"}`)); err != nil {
			t.Fatal(err)
		}
		c.closed(closeBadFrame)
	})
	t.Run("over-long", func(t *testing.T) {
		c := w.join(p)
		c.send(map[string]any{"type": "media.probe", "id": id, "offer": strings.Repeat("v", maxFrame)})
		c.closed(closeFrameTooBig)
	})
	t.Run("just not over-long", func(t *testing.T) {
		c := w.join(p)
		frame := fmt.Sprintf(`{"type":"media.probe","id":"%s","offer":""}`, id)
		frame = strings.Replace(frame, `:""`, `:"`+strings.Repeat("v", maxFrame-len(frame))+`"`, 1)
		c.sendText(frame)
		if f := c.next(); !f.OK {
			t.Fatalf("%+v", f.Error)
		}
	})
	if got := w.relay.seen(); len(got) != 1 {
		t.Fatalf("a bad frame reached the relay: %d calls", len(got))
	}
}

func TestWrongFieldsAreNamed(t *testing.T) {
	w := onTCP(t)
	c := w.join(w.person(roleConsultant))
	for name, x := range map[string]struct {
		command string
		fields  map[string]any
		field   string
		code    string
	}{
		"missing":            {"presence.set", nil, "state", "required"},
		"empty":              {"presence.set", map[string]any{"state": ""}, "state", "required"},
		"null":               {"presence.set", map[string]any{"state": nil}, "state", "wrong_type"},
		"number for a text":  {"presence.set", map[string]any{"state": 1}, "state", "wrong_type"},
		"no such state":      {"presence.set", map[string]any{"state": "IN_CALL"}, "state", "wrong_value"},
		"no minutes":         {"presence.set", map[string]any{"state": "BACK_SOON"}, "minutes", "required"},
		"zero minutes":       {"presence.set", map[string]any{"state": "BACK_SOON", "minutes": 0}, "minutes", "out_of_range"},
		"241 minutes":        {"presence.set", map[string]any{"state": "BACK_SOON", "minutes": 241}, "minutes", "out_of_range"},
		"half a minute":      {"presence.set", map[string]any{"state": "BACK_SOON", "minutes": 1.5}, "minutes", "wrong_type"},
		"minutes as text":    {"presence.set", map[string]any{"state": "BACK_SOON", "minutes": "5"}, "minutes", "wrong_type"},
		"minutes with OFF":   {"presence.set", map[string]any{"state": "OFF", "minutes": 5}, "minutes", "wrong_value"},
		"no offer":           {"media.probe", nil, "offer", "required"},
		"id without form":    {"call.leave", map[string]any{"callId": "x", "connection": uuid.New()}, "callId", "wrong_type"},
		"text for a boolean": {"call.mute", map[string]any{"callId": uuid.New(), "connection": uuid.New(), "audio": "true", "video": false}, "audio", "wrong_type"},
		"no boolean":         {"call.mute", map[string]any{"callId": uuid.New(), "connection": uuid.New(), "audio": true}, "video", "required"},
		"endless ticket":     {"call.join", map[string]any{"ticket": strings.Repeat("x", maxTicketBytes+1), "offer": "x"}, "ticket", "too_long"},
	} {
		f := c.refused("invalid_request", x.command, x.fields)
		if len(f.Error.Fields) != 1 || f.Error.Fields[0].Field != x.field || f.Error.Fields[0].Code != x.code || f.Error.Fields[0].Message == "" {
			t.Errorf("%s: %+v", name, f.Error.Fields)
		}
	}
	w.presence.mu.Lock()
	defer w.presence.mu.Unlock()
	if len(w.presence.said) != 0 {
		t.Fatal("a refused command had an effect")
	}
}

func TestLocaleOfTheHello(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleNurse)
	zh := w.dial()
	zh.send(map[string]any{"type": "hello", "token": p.token})
	zh.next()
	for locale, c := range map[string]*client{"zh-CN": zh, "en": w.join(p)} {
		if f := c.refused("forbidden", "presence.get", nil); f.Error.Message != problem.Sentence(locale, "forbidden", nil) {
			t.Errorf("%s: %q", locale, f.Error.Message)
		}
	}
}

func TestPresenceCommands(t *testing.T) {
	w := onTCP(t)
	p := w.person(roleConsultant)
	c := w.join(p)
	var now presenceNow
	c.accepted("presence.get", nil, &now)
	if now.State != stateOff || now.BackAt != nil {
		t.Fatalf("%+v", now)
	}
	c.accepted("presence.set", map[string]any{"state": "BACK_SOON", "minutes": 15}, &now)
	if d := time.Until(*now.BackAt); now.State != stateBackSoon || d < 14*time.Minute || d > 15*time.Minute {
		t.Fatalf("%+v", now)
	}
	c.accepted("presence.set", map[string]any{"state": "AVAILABLE"}, &now)
	if got := <-w.newcomer; got != p.actor.UserID {
		t.Fatal(got)
	}
	var again presenceNow
	c.accepted("presence.get", nil, &again)
	if again.State != stateAvailable || again.BackAt != nil {
		t.Fatalf("%+v", again)
	}
	if f := c.do("presence.get", nil); !strings.Contains(string(f.Data), `"backAt":null`) {
		t.Fatalf("%s", f.Data)
	}
	eventually(t, "the newest state is announced last", func() bool {
		log := w.announce.seen()
		return len(log) > 0 && log[len(log)-1] == p.actor.UserID.String()+" "+stateAvailable
	})
}

func TestRenew(t *testing.T) {
	w := onTCP(t)
	p, stranger := w.person(roleNurse), w.person(roleNurse)
	c := w.join(p)
	later := time.Now().Add(time.Hour).Truncate(time.Second).UTC()
	w.auth.put("new", p.actor, later)
	var in renewed
	c.accepted("token.renew", map[string]any{"token": "new"}, &in)
	if !in.ExpiresAt.Equal(later) {
		t.Fatalf("%v", in)
	}
	c.refused("token_of_another", "token.renew", map[string]any{"token": stranger.token})
	other := p.actor
	other.SessionID = uuid.New()
	c.refused("token_of_another", "token.renew", map[string]any{"token": w.signIn(other).token})
	c.refused("unauthenticated", "token.renew", map[string]any{"token": "no"})
	c.accepted("token.renew", map[string]any{"token": p.token}, nil) // the socket is as before
}

func TestRepeatedCommandIsAnsweredAgain(t *testing.T) {
	w := onTCP(t)
	c := w.join(w.person(roleConsultant))
	id := uuid.New()
	frame := fmt.Sprintf(`{"type":"media.probe","id":%q,"offer":"one"}`, id)
	c.sendText(frame)
	first := c.next()
	c.sendText(frame)
	again := c.next()
	if first.ID != id || again.ID != id || string(first.Data) != string(again.Data) || len(w.relay.seen()) != 1 {
		t.Fatalf("%s, then %s, carried out %v", first.Data, again.Data, w.relay.seen())
	}
	// A refusal is remembered, too.
	id = uuid.New()
	for range 2 {
		c.give(id, "presence.set", map[string]any{"state": "NO"})
		if f := c.next(); f.ID != id || f.Error.Code != "invalid_request" {
			t.Fatalf("%+v", f)
		}
	}
	c.give(id, "presence.set", map[string]any{"state": "OFF"})
	if f := c.next(); f.ID != id || f.Error.Code != "command_reused" {
		t.Fatalf("%+v", f)
	}
	if state, _, _ := w.presence.Get(t.Context(), uuid.Nil); state != stateOff {
		t.Fatal(state)
	}
}

func TestRepetitionWhileTheFirstRuns(t *testing.T) {
	w := onTCP(t)
	gate := make(chan struct{})
	w.relay.gate = gate
	c := w.join(w.person(roleConsultant))
	id := uuid.New()
	for range 3 {
		c.give(id, "media.probe", map[string]any{"offer": "one"})
	}
	c.accepted("presence.get", nil, nil) // has passed the repetitions
	close(gate)
	for range 3 {
		if f := c.next(); f.ID != id || !f.OK {
			t.Fatalf("%+v", f)
		}
	}
	if got := w.relay.seen(); len(got) != 1 {
		t.Fatalf("carried out %d times", len(got))
	}
}

func TestOrderAndSlowCommands(t *testing.T) {
	w := onTCP(t)
	gate := make(chan struct{})
	w.relay.gate = gate
	c := w.join(w.person(roleConsultant))
	for i := range maxSlow + 2 {
		c.give(uuid.New(), "media.probe", map[string]any{"offer": fmt.Sprint(i)})
	}
	// The others do not wait for the slow ones, and are answered in their order.
	var want []uuid.UUID
	for i := range 12 {
		id := uuid.New()
		want = append(want, id)
		if i%2 == 0 {
			c.give(id, "presence.set", map[string]any{"state": "BACK_SOON", "minutes": i + 1})
		} else {
			c.give(id, "presence.get", nil)
		}
	}
	var last presenceNow
	for i, id := range want {
		f := c.next()
		if f.ID != id {
			t.Fatalf("result %d is of another command", i)
		}
		var now presenceNow
		if err := json.Unmarshal(f.Data, &now); err != nil {
			t.Fatal(err)
		}
		if i%2 == 1 && !now.BackAt.Equal(*last.BackAt) {
			t.Fatalf("command %d did not see what the one before it did", i)
		}
		last = now
	}
	eventually(t, "four slow commands at work", func() bool {
		w.relay.mu.Lock()
		defer w.relay.mu.Unlock()
		return w.relay.busy == maxSlow
	})
	close(gate)
	for range maxSlow + 2 {
		if f := c.next(); !f.OK {
			t.Fatalf("%+v", f.Error)
		}
	}
	w.relay.mu.Lock()
	defer w.relay.mu.Unlock()
	if w.relay.most != maxSlow {
		t.Fatalf("%d slow commands at the same time", w.relay.most)
	}
}

func TestTooManyWaiting(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		w.relay.gate = make(chan struct{}) // never opened
		c := w.join(w.person(roleConsultant))
		give := func(n int) {
			for range n {
				c.give(uuid.New(), "media.probe", map[string]any{"offer": "x"})
			}
		}
		give(commandBurst)
		pass(time.Second)
		give(commandRate)
		pass(time.Second)
		give(maxPending - commandBurst - commandRate)
		synctest.Wait()
		give(1)
		c.closed(closeTooMany)
	})
}

func TestCommandHasItsTime(t *testing.T) {
	virtually(t, func(t *testing.T, w *world) {
		w.relay.gate = make(chan struct{}) // never opened
		c := w.join(w.person(roleConsultant))
		from := time.Now()
		c.refused("unavailable", "media.probe", map[string]any{"offer": "x"})
		if d := time.Since(from); d != commandTime {
			t.Fatalf("answered after %v", d)
		}
	})
}

// broken is a collaborator with a bug.
type broken struct{}

func (broken) Authorise(context.Context, identity.Ticket) error { return nil }

func (broken) Roster(context.Context, uuid.UUID) ([]Participant, error) { panic("index out of range") }

func TestPanicIsAnErrorOfTheCommand(t *testing.T) {
	w := onTCP(t, func(d *Deps) {
		d.Calls = broken{}
		d.Logger = nil
	})
	p := w.person(roleConsultant)
	c := w.join(p)
	ticket, _ := w.invite(uuid.New(), p, "王医生")
	c.refused("internal", "call.join", map[string]any{"ticket": ticket, "offer": "x"})
	c.accepted("presence.get", nil, nil)
}
