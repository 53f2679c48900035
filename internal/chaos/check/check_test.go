package check_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/lianzhen-health/lianzhen/internal/chaos/check"
)

var (
	request = uuid.MustParse("00000000-0000-0000-0000-0000000000a1")
	wang    = uuid.MustParse("00000000-0000-0000-0000-0000000000d1")
	zhao    = uuid.MustParse("00000000-0000-0000-0000-0000000000d2")
	li      = uuid.MustParse("00000000-0000-0000-0000-0000000000e1")
	ward    = uuid.MustParse("00000000-0000-0000-0000-0000000000f1")
)

// noon is the beginning of every history here; sec is an instant after it.
func sec(s float64) time.Time {
	return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).Add(time.Duration(s * float64(time.Second)))
}

func did(user uuid.UUID, op string, epoch int64, from, at float64, outcome, code string) check.Event {
	return check.Event{Kind: check.KindAct, Op: op, Who: user.String(), User: user, Case: request, Epoch: epoch, From: sec(from), At: sec(at), Outcome: outcome, Code: code}
}

func step(seq int, kind, from, to string, epoch int64, actor uuid.UUID, at float64) check.Step {
	return check.Step{Seq: seq, Type: kind, From: from, To: to, Epoch: epoch, Actor: actor, At: sec(at)}
}

// offered is the record of a request up to the queue.
func offered() []check.Step {
	return []check.Step{step(1, "CREATED", "", "DRAFT", 0, li, 0), step(2, "SUBMIT", "DRAFT", "SUBMITTED", 0, li, 1), step(3, "TRIAGE", "SUBMITTED", "TRIAGED", 0, li, 1),
		step(4, "OFFER", "TRIAGED", "OFFERED", 0, li, 1)}
}

func facts(c check.Case, steps ...check.Step) check.Facts {
	return check.Facts{Now: sec(100), Cases: map[uuid.UUID]check.Case{request: c}, Steps: map[uuid.UUID][]check.Step{request: steps}}
}

// want fails unless the verdict has exactly one violation that says so, or none where nothing is to be said.
func want(t *testing.T, v check.Verdict, says string) {
	t.Helper()
	switch {
	case says == "" && len(v.Violations) > 0:
		t.Fatalf("%s: %d violations, the first: %s", v.Invariant, len(v.Violations), v.Violations[0].What)
	case says != "" && len(v.Violations) == 0:
		t.Fatalf("%s: nothing was found, want: %s", v.Invariant, says)
	case says != "" && !strings.Contains(v.Violations[0].What, says):
		t.Fatalf("%s: %q, want: %s", v.Invariant, v.Violations[0].What, says)
	case v.Checked == 0:
		t.Fatalf("%s looked at nothing", v.Invariant)
	}
}

func TestLost(t *testing.T) {
	waiting := check.Case{State: "OFFERED", Asked: 1}
	submitted := []check.Event{did(li, check.OpCreate, 0, 0, 0.1, check.OK, ""), did(li, check.OpSubmit, 0, 1, 1.1, check.OK, "")}
	cases := []struct {
		name    string
		history []check.Event
		facts   check.Facts
		says    string
	}{
		{"a request that waits is there", submitted, facts(waiting, offered()...), ""},
		{"a request that is gone", submitted, check.Facts{}, "not in the database"},
		{"a submission that left a draft", submitted, facts(check.Case{State: "DRAFT"}, offered()[:1]...), "never offered"},
		{"a request that nobody sees", submitted, facts(check.Case{State: "OFFERED"}, offered()...), "no department sees it"},
		{"a request between two states", submitted, facts(check.Case{State: "TRIAGED"}, offered()...), "never reached the queue"},
		{"a claim without a trace", append(submitted, did(wang, check.OpClaim, 0, 2, 3, check.OK, "")), facts(waiting, offered()...), "no claim of this doctor"},
		{"a claim in another's name", append(submitted, did(wang, check.OpClaim, 0, 2, 3, check.OK, "")),
			facts(check.Case{State: "ACCEPTED", Epoch: 1}, append(offered(), step(5, "CLAIM", "OFFERED", "ACCEPTED", 1, zhao, 2.5))...), "no claim of this doctor"},
		{"a cancellation without a trace", append(submitted, did(li, check.OpCancel, 0, 2, 3, check.OK, "")), facts(waiting, offered()...), "never cancelled"},
		{"a hand-over without a trace", append(submitted, did(wang, check.OpDone, 1, 2, 3, check.OK, "")), facts(waiting, offered()...), "never handed over"},
		{"a release without a trace", append(submitted, did(wang, check.OpRelease, 1, 2, 3, check.OK, "")), facts(waiting, offered()...), "no release"},
		{"an answer that was lost proves nothing", append(submitted, did(wang, check.OpClaim, 0, 2, 3, check.Unknown, "")), facts(waiting, offered()...), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { want(t, check.Lost(c.history, c.facts), c.says) })
	}
}

func TestClaims(t *testing.T) {
	ok, refused, unknown := check.OK, check.Refused, check.Unknown
	doubtful := did(zhao, check.OpClaim, 0, 1, 4, refused, "already_claimed")
	doubtful.Doubt = true
	assigned := did(li, check.OpAssign, 0, 1, 2, ok, "")
	assigned.Target = zhao
	cases := []struct {
		name    string
		history []check.Event
		says    string
	}{
		{"one winner, one loser", []check.Event{did(wang, check.OpClaim, 0, 1, 2, ok, ""), did(zhao, check.OpClaim, 0, 1, 3, refused, "already_claimed")}, ""},
		{"two winners of one epoch", []check.Event{did(wang, check.OpClaim, 0, 1, 2, ok, ""), did(zhao, check.OpClaim, 0, 1, 3, ok, "")}, "no order"},
		{"a winner while another holds it", []check.Event{did(wang, check.OpClaim, 0, 1, 2, ok, ""), did(zhao, check.OpClaim, 1, 3, 4, ok, "")}, "no order"},
		{"given back and claimed again", []check.Event{did(wang, check.OpClaim, 0, 1, 2, ok, ""), did(wang, check.OpRelease, 1, 3, 4, ok, ""), did(zhao, check.OpClaim, 2, 5, 6, ok, "")}, ""},
		{"claimed under the epoch before the release", []check.Event{did(wang, check.OpClaim, 0, 1, 2, ok, ""), did(wang, check.OpRelease, 1, 3, 4, ok, ""), did(zhao, check.OpClaim, 0, 5, 6, ok, "")}, "no order"},
		{"claimed after it was cancelled", []check.Event{did(li, check.OpCancel, 0, 1, 2, ok, ""), did(wang, check.OpClaim, 0, 3, 4, ok, "")}, "no order"},
		{"claimed while it was being cancelled", []check.Event{did(li, check.OpCancel, 0, 1, 5, ok, ""), did(wang, check.OpClaim, 0, 3, 4, ok, "")}, ""},
		{"cancelled twice", []check.Event{did(wang, check.OpClaim, 0, 0, 1, ok, ""), did(li, check.OpCancel, 0, 1, 2, ok, ""), did(li, check.OpCancel, 0, 3, 4, ok, "")}, "no order"},
		{"handed over by who does not hold it", []check.Event{did(wang, check.OpClaim, 0, 1, 2, ok, ""), did(zhao, check.OpDone, 1, 3, 4, ok, "")}, "no order"},
		{"given back by who does not hold it", []check.Event{did(wang, check.OpClaim, 0, 1, 2, ok, ""), did(zhao, check.OpRelease, 1, 3, 4, ok, "")}, "no order"},
		{"refused as taken while it waited", []check.Event{did(zhao, check.OpClaim, 0, 1, 2, refused, "already_claimed"), did(wang, check.OpClaim, 0, 3, 4, ok, "")}, "no order"},
		{"refused as stale under the right epoch", []check.Event{did(zhao, check.OpClaim, 0, 1, 2, refused, "epoch_stale"), did(wang, check.OpClaim, 0, 3, 4, ok, "")}, "no order"},
		{"refused as over while it waited", []check.Event{did(zhao, check.OpClaim, 0, 1, 2, refused, "no_longer_waiting"), did(wang, check.OpClaim, 0, 3, 4, ok, "")}, "no order"},
		{"assigned, and then claimed by another", []check.Event{assigned, did(wang, check.OpClaim, 0, 5, 6, refused, "already_claimed")}, ""},
		{"assigned and claimed", []check.Event{assigned, did(wang, check.OpClaim, 0, 5, 6, ok, "")}, "no order"},
		{"a lost answer that had its effect", []check.Event{did(wang, check.OpClaim, 0, 1, 2, unknown, ""), did(zhao, check.OpClaim, 0, 3, 4, refused, "already_claimed")}, ""},
		{"a lost answer that had none", []check.Event{did(wang, check.OpClaim, 0, 1, 2, unknown, ""), did(zhao, check.OpClaim, 0, 3, 4, ok, "")}, ""},
		{"a release whose answer no longer sees the request", []check.Event{did(wang, check.OpClaim, 0, 1, 2, ok, ""), did(wang, check.OpRelease, 1, 3, 9, refused, "not_found"),
			did(zhao, check.OpClaim, 2, 5, 6, ok, "")}, ""},
		{"a refusal after a try that may have arrived", []check.Event{doubtful, did(wang, check.OpClaim, 0, 5, 6, ok, "")}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { want(t, check.Claims(c.history, check.Facts{}), c.says) })
	}
}

func TestHolders(t *testing.T) {
	other := uuid.MustParse("00000000-0000-0000-0000-0000000000a2")
	held := func(from, till float64, doctor uuid.UUID) []check.Step {
		list := append(offered(), step(5, "CLAIM", "OFFERED", "ACCEPTED", 1, doctor, from))
		if till > 0 {
			list = append(list, step(6, "RELEASE", "ACCEPTED", "OFFERED", 2, doctor, till))
		}
		return list
	}
	two := func(a, b []check.Step) check.Facts {
		return check.Facts{Steps: map[uuid.UUID][]check.Step{request: a, other: b}}
	}
	want(t, check.Claims(nil, two(held(10, 20, wang), held(20, 0, wang))), "")
	want(t, check.Claims(nil, two(held(10, 20, wang), held(12, 0, zhao))), "")
	want(t, check.Claims(nil, two(held(10, 20, wang), held(15, 0, wang))), "took it while holding")
	want(t, check.Claims(nil, two(held(10, 0, wang), held(50, 0, wang))), "took it while holding")
	twice := append(held(10, 0, wang), step(6, "CLAIM", "OFFERED", "ACCEPTED", 1, zhao, 11))
	want(t, check.Claims(nil, check.Facts{Steps: map[uuid.UUID][]check.Step{request: twice}}), "while")
}

func TestAnAssignmentIsAGrant(t *testing.T) {
	assign := step(5, "ASSIGNED", "OFFERED", "ACCEPTED", 1, li, 10)
	assign.Doctor = zhao
	other := uuid.MustParse("00000000-0000-0000-0000-0000000000a2")
	f := check.Facts{Cases: map[uuid.UUID]check.Case{request: {State: "ACCEPTED", Epoch: 1}}, Steps: map[uuid.UUID][]check.Step{request: append(offered(), assign)}}
	e := did(li, check.OpAssign, 0, 9, 11, check.OK, "")
	e.Target = zhao
	want(t, check.Lost([]check.Event{e}, f), "")
	e.Target = wang
	want(t, check.Lost([]check.Event{e}, f), "to nobody of that name")
	f.Steps[other] = append(offered(), step(5, "CLAIM", "OFFERED", "ACCEPTED", 1, zhao, 20))
	want(t, check.Claims(nil, f), "took it while holding")
}

func TestASystemReleaseExplainsASecondClaim(t *testing.T) {
	history := []check.Event{did(wang, check.OpClaim, 0, 1, 2, check.OK, ""), did(zhao, check.OpClaim, 2, 30, 31, check.OK, "")}
	steps := append(offered(), step(5, "CLAIM", "OFFERED", "ACCEPTED", 1, wang, 1.5))
	want(t, check.Claims(history, check.Facts{Steps: map[uuid.UUID][]check.Step{request: steps}}), "no order")
	steps = append(steps, step(6, "RELEASE", "ACCEPTED", "OFFERED", 2, uuid.Nil, 20), step(7, "CLAIM", "OFFERED", "ACCEPTED", 3, zhao, 30.5))
	want(t, check.Claims(history, check.Facts{Steps: map[uuid.UUID][]check.Step{request: steps}}), "")
}

// Whatever order a single register is used in, and wherever the answers overlap, the checker finds nothing to say; and one more
// winner under an epoch that was given is always found.
func TestEveryRealHistoryOfARegisterPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var history []check.Event
		var holder uuid.UUID
		var epoch, won int64
		won = -1
		for i := range rapid.IntRange(1, 12).Draw(t, "commands") {
			at := float64(10 * i)
			early, late := at-rapid.Float64Range(0, 6).Draw(t, "early"), at+rapid.Float64Range(0, 6).Draw(t, "late")
			user := rapid.SampledFrom([]uuid.UUID{wang, zhao}).Draw(t, "who")
			named := rapid.Int64Range(max(0, epoch-1), epoch).Draw(t, "epoch")
			switch {
			case rapid.Bool().Draw(t, "claim"):
				e := did(user, check.OpClaim, named, early, late, check.Refused, "already_claimed")
				switch {
				case holder == uuid.Nil && named == epoch:
					e.Outcome, e.Code = check.OK, ""
					won, holder, epoch = epoch, user, epoch+1
				case holder == uuid.Nil:
					e.Code = "epoch_stale"
				case holder == user && named == epoch-1:
					e.Outcome, e.Code = check.OK, ""
				}
				history = append(history, e)
			case holder != uuid.Nil:
				history = append(history, did(holder, check.OpRelease, epoch, early, late, check.OK, ""))
				holder, epoch = uuid.Nil, epoch+1
			}
		}
		if v := check.Claims(history, check.Facts{}); len(v.Violations) > 0 {
			t.Fatalf("a history of a register was refused: %v", v.Violations)
		}
		if won >= 0 {
			history = append(history, did(li, check.OpClaim, won, 0, 1000, check.OK, ""))
			if v := check.Claims(history, check.Facts{}); len(v.Violations) == 0 {
				t.Fatalf("a second winner of epoch %d was passed over", won)
			}
		}
	})
}

func TestEpochs(t *testing.T) {
	claimed := append(offered(), step(5, "CLAIM", "OFFERED", "ACCEPTED", 1, wang, 2))
	at1 := check.Case{State: "ACCEPTED", Epoch: 1}
	want(t, check.Epochs(nil, facts(at1, claimed...)), "")
	want(t, check.Epochs(nil, facts(at1, append(claimed, step(6, "VITALS", "", "", 0, li, 3))...)), "after 1")
	want(t, check.Epochs(nil, facts(at1, append(offered(), step(5, "CLAIM", "OFFERED", "ACCEPTED", 0, wang, 2))...)), "changed the grant")
	want(t, check.Epochs(nil, facts(check.Case{State: "OFFERED", Epoch: 3}, append(claimed, step(6, "RELEASE", "ACCEPTED", "OFFERED", 3, wang, 4))...)), "changed the grant")
	want(t, check.Epochs(nil, facts(check.Case{State: "ACCEPTED", Epoch: 0}, claimed...)), "its record reached 1")
	view := func(epoch int64, from, at float64) check.Event {
		return check.Event{Kind: check.KindView, Who: "li", Case: request, Epoch: epoch, From: sec(from), At: sec(at)}
	}
	want(t, check.Epochs([]check.Event{view(1, 1, 2), view(0, 3, 4)}, facts(at1, claimed...)), "and later 0")
	want(t, check.Epochs([]check.Event{view(1, 1, 5), view(0, 3, 4)}, facts(at1, claimed...)), "") // they overlap
}

func TestStreams(t *testing.T) {
	// The stream 0 has 1–3; 1 is for li, 2 for wang's department, 3 for wang by name.
	f := check.Facts{Members: map[uuid.UUID][]check.Member{li: {{Organisation: ward, Role: "NURSE"}}, wang: {{Department: zhao, Role: "CONSULTANT"}}},
		Outbox: []check.Published{{Stream: 0, Seq: 1, Name: "consultation.changed", Organisations: []uuid.UUID{ward}}, {Stream: 0, Seq: 2, Name: "queue.changed", Departments: []uuid.UUID{zhao}},
			{Stream: 0, Seq: 3, Name: "ring", Users: []uuid.UUID{wang}}}}
	begin := func() check.Event {
		return check.Event{Kind: check.KindSession, Op: check.OpWelcome, Who: "wang", User: wang, Lineage: 1, Positions: []int64{0, 0}}
	}
	frame := func(seq, prev int64) check.Event {
		return check.Event{Kind: check.KindFrame, Who: "wang", User: wang, Lineage: 1, Stream: 0, Seq: seq, Prev: prev, Name: fmt.Sprint("event ", seq)}
	}
	session := func(op string, positions ...int64) check.Event {
		return check.Event{Kind: check.KindSession, Op: op, Who: "wang", User: wang, Lineage: 1, Positions: positions}
	}
	end := session(check.OpEnd)
	cases := []struct {
		name    string
		history []check.Event
		says    string
	}{
		{"everything that is for him", []check.Event{begin(), frame(2, 0), frame(3, 2), end}, ""},
		{"over two sockets", []check.Event{begin(), frame(2, 0), session(check.OpClosed), session(check.OpResumed), frame(3, 2), end}, ""},
		{"the last one is missing", []check.Event{begin(), frame(2, 0), end}, "was never told of ring"},
		{"one in the middle is missing", []check.Event{begin(), frame(3, 0), end}, "was never told of queue.changed"},
		{"a position over what was missing", []check.Event{begin(), frame(2, 0), session(check.OpPosition, 3, 0)}, "was never told of ring"},
		{"a position that goes back", []check.Event{begin(), frame(2, 0), session(check.OpPosition, 1, 0), frame(3, 2), end}, "went back"},
		{"one that is for others", []check.Event{begin(), frame(1, 0), frame(2, 1), frame(3, 2), end}, "not for this account"},
		{"one twice", []check.Event{begin(), frame(2, 0), frame(2, 0), frame(3, 2), end}, "twice or out of order"},
		{"out of order", []check.Event{begin(), frame(3, 0), frame(2, 0), end}, "twice or out of order"},
		{"taken over a hole", []check.Event{begin(), frame(3, 2), end}, "over a hole"},
		{"away at the end: what he does not know is not missing", []check.Event{begin(), frame(2, 0), session(check.OpClosed)}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { want(t, check.Streams(c.history, f, []int64{3, 0}), c.says) })
	}
}

func TestRings(t *testing.T) {
	ring := func(expires, resolved float64, result string) check.Facts {
		o := check.Offer{Case: request, Doctor: wang, Expires: sec(expires), Result: result}
		if resolved > 0 {
			o.Resolved = sec(resolved)
		}
		return check.Facts{Now: sec(100), Offers: []check.Offer{o}}
	}
	away := []check.Stall{{From: sec(18), Till: sec(25)}, {From: sec(20), Till: sec(30)}}
	want(t, check.Rings(ring(20, 21.5, "LAPSED"), nil, 0), "")
	want(t, check.Rings(ring(20, 23, "LAPSED"), nil, 0), "ended 3s later")
	want(t, check.Rings(ring(20, 23, "LAPSED"), nil, 2*time.Second), "")
	want(t, check.Rings(ring(20, 0, "PENDING"), nil, 0), "ended 1m20s later")
	want(t, check.Rings(ring(20, 31, "LAPSED"), away, 0), "")
	want(t, check.Rings(ring(20, 35, "LAPSED"), away, 0), "ended 15s later")
	if v := check.Rings(ring(120, 0, "PENDING"), nil, 0); v.Checked != 0 {
		t.Fatal("a ring that still rings was judged")
	}
}

func TestAbsent(t *testing.T) {
	away := []check.Absence{{Doctor: wang, From: sec(0), Till: sec(60)}}
	for at, n := range map[float64]int{10: 0, 31: 0, 34: 1, 61: 0} {
		f := check.Facts{Offers: []check.Offer{{Case: request, Doctor: wang, Offered: sec(at)}, {Case: request, Doctor: zhao, Offered: sec(at)}}}
		if got := check.Absent(f, away, time.Second); len(got) != n {
			t.Errorf("rung %v s after it vanished: %d violations, want %d", at, len(got), n)
		}
	}
}

func TestOrder(t *testing.T) {
	place := func(n int, urgency string, since float64, target time.Duration) check.Place {
		return check.Place{Case: uuid.UUID{15: byte(n)}, Urgency: urgency, Since: sec(since), Target: target}
	}
	queue := func(at float64, places ...check.Place) check.Event {
		return check.Event{Kind: check.KindQueue, Who: "wang", At: sec(at), Waiting: places}
	}
	old, fresh := place(1, "ROUTINE", 0, time.Hour), place(2, "ROUTINE", 10, time.Hour)
	urgent := place(3, "EMERGENT", 9, 10*time.Minute)
	critical := place(4, "CRITICAL", 99, 3*time.Minute)
	want(t, check.Order([]check.Event{queue(100, critical, urgent, old, fresh)}), "")
	want(t, check.Order([]check.Event{queue(100, fresh, old)}), "stands behind")
	want(t, check.Order([]check.Event{queue(100, old, urgent)}), "stands behind")
	want(t, check.Order([]check.Event{queue(100, urgent, critical)}), "stands behind")
	back := old
	back.Since = sec(50)
	want(t, check.Order([]check.Event{queue(100, old, fresh), queue(101, fresh, back)}), "lost its place")
}

func TestChain(t *testing.T) {
	at := check.Case{State: "OFFERED"}
	want(t, check.Chain(facts(at, offered()...)), "")
	gap := offered()
	gap[3].Seq = 5
	want(t, check.Chain(facts(at, gap...)), "where 4 is due")
	jump := offered()
	jump[3].From = "DRAFT"
	want(t, check.Chain(facts(at, jump...)), "begins in DRAFT")
	want(t, check.Chain(facts(check.Case{State: "ACCEPTED"}, offered()...)), "its last event ended in OFFERED")
	want(t, check.Chain(check.Facts{Proof: &check.Proof{Entries: 3}}), "")
	want(t, check.Chain(check.Facts{Proof: &check.Proof{Entries: 3, Faults: []string{"the tail was cut off"}}}), "cut off")
	want(t, check.Chain(check.Facts{Proof: &check.Proof{Entries: 3, Waiting: 2}}), "2 rows were not chained")
	want(t, check.Chain(check.Facts{Outbox: []check.Published{{Stream: 1, Seq: 7}, {Stream: 1, Seq: 9}}}), "goes from 7 to 9")
}

func TestLeaksAndIndex(t *testing.T) {
	node := func(goroutines, files, sockets int) []check.Sample {
		return []check.Sample{{Node: "n1", Goroutines: goroutines, Files: files, Sockets: sockets}}
	}
	want(t, check.Leaks(node(100, 50, 10), node(150, 60, 40)), "")
	want(t, check.Leaks(node(100, 50, 10), node(600, 60, 10)), "goroutines")
	want(t, check.Leaks(node(100, 50, 10), node(100, 900, 10)), "files")
	want(t, check.Leaks(node(100, 50, 10), node(400, 350, 310)), "") // they are sockets
	entry := check.Entry{Case: request, Department: zhao, Urgency: "URGENT", SinceMS: 1}
	moved := entry
	moved.Urgency = "EMERGENT"
	list := func(e ...check.Entry) []check.Entry { return e }
	want(t, check.Index(check.Standing{Kept: true, Indexed: list(entry), Queued: list(entry)}, nil), "")
	want(t, check.Index(check.Standing{Queued: list(entry)}, nil), "nobody keeps")
	want(t, check.Index(check.Standing{Kept: true, Queued: list(entry)}, nil), "not in the index")
	want(t, check.Index(check.Standing{Kept: true, Indexed: list(entry)}, nil), "does not wait")
	want(t, check.Index(check.Standing{Kept: true, Indexed: list(moved), Queued: list(entry)}, nil), "not in the index like this")
	want(t, check.Index(check.Standing{Kept: true}, []check.Sample{{Node: "n1", Drift: 2}}), "differs")
}
