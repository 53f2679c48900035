package signaling

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
)

// FuzzFrame feeds frames to both parsers. Whatever they accept is a JSON object with known fields that each stand once,
// and arguments that were filled without complaint are what a lenient reader of the same frame would have got.
func FuzzFrame(f *testing.F) {
	id := uuid.NewString()
	for _, seed := range []string{
		`{"type":"hello","token":"x","locale":"en"}`,
		`{"type":"presence.set","id":"` + id + `","state":"BACK_SOON","minutes":15}`,
		`{"type":"presence.get","id":"` + id + `"}`,
		`{"type":"call.join","id":"` + id + `","ticket":"x","offer":"v=0\r\n"}`,
		`{"type":"call.mute","id":"` + id + `","callId":"` + id + `","connection":"` + id + `","audio":true,"video":false}`,
		`{"type":"call.leave","id":"` + id + `","callId":"` + id + `","connection":"` + id + `"}`,
		`{"type":"media.probe","id":"` + id + `","offer":"v=0"}`,
		`{"type":"ack","stream":3,"seq":17}`, `{"type":"ack","stream":null,"seq":17}`,
		`{"type":"token.renew","id":"` + id + `","token":"x"}`,
		`{"type":"presence.get","id":"` + id + `","id":"` + id + `"}`,
		`{"\u0074ype":"presence.get","id":"` + id + `"}`,
		`[[[[[[[[[[`, `{"a":{"a":{"a":{}}}}`, `{}`, `null`, `"`, "\xff", `{"type":"hello","token":"\ud800"}`, `{} {}`,
	} {
		f.Add([]byte(seed))
	}
	r := newRegistry()
	f.Fuzz(func(t *testing.T, frame []byte) {
		req, detail := r.parse(frame)
		if detail != "" {
			return
		}
		if req.ack != nil {
			if req.ack.Stream == nil || req.ack.Seq == nil {
				t.Fatal("an ack of nothing")
			}
			return
		}
		var lenient map[string]any
		if err := json.Unmarshal(frame, &lenient); err != nil {
			t.Fatalf("accepted what is no object: %v", err)
		}
		if len(lenient) != len(req.members) || req.id == uuid.Nil && lenient["id"] != uuid.Nil.String() {
			t.Fatalf("%v, members %v", lenient, req.members)
		}
		for name := range lenient {
			if !req.command.knows(name) {
				t.Fatalf("accepted the unknown field %q", name)
			}
		}
		var join callJoin
		if req.command.name == "call.join" && len(fill(req.members, &join)) == 0 &&
			(join.Ticket != lenient["ticket"] || join.Offer != lenient["offer"] || join.Ticket == "") {
			t.Fatalf("%+v from %v", join, lenient)
		}
		var set presenceSet
		if req.command.name == "presence.set" && len(fill(req.members, &set)) == 0 && (set.State == stateBackSoon) != (set.Minutes != nil) {
			t.Fatalf("%+v", set)
		}
	})
}

// FuzzFirstFrame feeds the parser of what strangers send. What it accepts is one of the two frames with all that the hub then
// relies on, and says the same to a lenient reader.
func FuzzFirstFrame(f *testing.F) {
	id := uuid.NewString()
	for _, seed := range []string{
		`{"type":"hello","token":"x","locale":"en"}`,
		`{"type":"resume","session":"` + id + `","resume":"x","positions":[0,1,2,3,4,5,6,7],"locale":"en"}`,
		`{"type":"resume","session":"` + id + `","resume":"x","positions":[0,1,2,3,4,5,6]}`,
		`{"type":"resume","session":"` + id + `","resume":"x","positions":[0,1,2,3,4,5,6,-7]}`,
		`{"type":"resume","session":"` + id + `","resume":"x","positions":[0,1,2,3,4,5,6,1e3]}`,
		`{"type":"resume","session":"` + id + `","resume":"x","positions":null}`,
		`{"type":"resume","session":"urn:uuid:` + id + `","resume":"","positions":[9223372036854775807,0,0,0,0,0,0,0]}`,
		`{"type":"hello","token":"\ud800"}`, `{"type":"ack","stream":0,"seq":1}`, `{}`, `null`, "\xff", `[[[[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		in, detail := parseFirst(frame)
		if detail != "" {
			return
		}
		var lenient struct {
			Type, Token, Resume, Locale string
			Positions                   []int64
		}
		if err := json.Unmarshal(frame, &lenient); err != nil {
			t.Fatalf("accepted what is no object of this form: %v", err)
		}
		switch {
		case in.hello != nil && in.resume == nil:
			if h := in.hello; lenient.Type != "hello" || h.Token == "" || h.Token != lenient.Token || h.Locale != lenient.Locale {
				t.Fatalf("%+v from %s", h, frame)
			}
		case in.resume != nil && in.hello == nil:
			r := in.resume
			if lenient.Type != "resume" || r.Resume == "" || r.Resume != lenient.Resume || !slices.Equal(r.Positions, lenient.Positions) {
				t.Fatalf("%+v from %s", r, frame)
			}
			for _, n := range r.positions() { // panics unless there are as many as streams
				if n < 0 {
					t.Fatalf("position %d", n)
				}
			}
			_, _ = readResumeToken(r.Resume)
		default:
			t.Fatalf("both or neither: %+v", in)
		}
	})
}

// Results are bounded in number and in bytes, and what runs is never forgotten.
func TestResultsAreBounded(t *testing.T) {
	var r results
	runs := uuid.New()
	r.begin(runs, 1)
	first := uuid.New()
	for i := range 3 * maxRemembered {
		id := uuid.New()
		if i == 0 {
			id = first
		}
		if v, _ := r.begin(id, 1); v != carryOut {
			t.Fatal(v)
		}
		if n := r.finish(id, []byte("{}")); n != 1 {
			t.Fatal(n)
		}
	}
	if len(r.byID) != maxRemembered+1 || len(r.order) != maxRemembered {
		t.Fatalf("%d remembered", len(r.byID))
	}
	if v, _ := r.begin(first, 1); v != carryOut {
		t.Fatal("the oldest is still remembered")
	}
	if v, _ := r.begin(runs, 1); v != running {
		t.Fatal("what runs was forgotten")
	}
	if n := r.finish(runs, make([]byte, maxRememberedBytes)); n != 2 {
		t.Fatalf("sent %d times", n)
	}
	if r.bytes > maxRememberedBytes || len(r.order) != 1 {
		t.Fatalf("%d bytes in %d results", r.bytes, len(r.order))
	}
	if v, b := r.begin(runs, 1); v != answered || len(b) != maxRememberedBytes {
		t.Fatal(v)
	}
	if v, _ := r.begin(runs, 2); v != reused {
		t.Fatal(v)
	}
}

func ExampleCommands() {
	for _, c := range Commands() {
		fmt.Println(c.Name, c.Roles)
	}
	// Output:
	// token.renew []
	// presence.set [CONSULTANT]
	// presence.get [CONSULTANT]
	// call.join [NURSE ATTENDING FAMILY_DOCTOR CONSULTANT]
	// call.mute [NURSE ATTENDING FAMILY_DOCTOR CONSULTANT]
	// call.leave [NURSE ATTENDING FAMILY_DOCTOR CONSULTANT]
	// call.state [NURSE ATTENDING FAMILY_DOCTOR CONSULTANT]
	// media.probe []
}
