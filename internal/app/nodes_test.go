package app

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// visit is a consultation with both people in its call.
type visit struct {
	*installation
	nurse, doctor *page
	id, call      uuid.UUID
}

// visitAt brings a nurse and a doctor, each on a node, into one call. The nurse's node carries it: she comes first.
func visitAt(in *installation, nurseAt, doctorAt *process) *visit {
	in.t.Helper()
	v := &visit{installation: in, nurse: in.open("nurse.li", nurseAt), doctor: in.open("dr.wang", doctorAt)}
	if err := v.doctor.do("presence.set", map[string]any{"state": "AVAILABLE"}, nil); err != nil {
		in.t.Fatal(err)
	}
	var residents []contract.ResidentCard
	v.nurse.must(http.MethodGet, "/api/v1/residents", nil, &residents)
	v.id = uuid.Must(uuid.NewV7())
	path := "/api/v1/consultations/" + v.id.String()
	complaint := "今天说不舒服"
	v.nurse.must(http.MethodPost, "/api/v1/consultations", contract.ConsultationInput{Id: v.id, ResidentId: residents[0].Id, Reasons: []string{"OTHER"},
		RedFlags: []string{}, Complaint: &complaint}, nil)
	v.nurse.must(http.MethodPost, path+"/submit", contract.SubmitRequest{Urgency: "CRITICAL"}, nil)
	var seen, claimed contract.Consultation
	v.doctor.must(http.MethodGet, path, nil, &seen)
	v.doctor.must(http.MethodPost, path+"/claim", contract.EpochRequest{Epoch: seen.Epoch}, &claimed)
	v.nurse.enter(v.id, nil)
	v.doctor.enter(v.id, &claimed.Epoch)
	v.call = v.nurse.seat.CallID
	v.hearEachOther()
	if v.doctor.seat.CallID != v.call {
		in.t.Fatal("two calls")
	}
	return v
}

func (v *visit) hearEachOther() {
	v.t.Helper()
	eventually(v.t, "the nurse hears the doctor", func() bool { return v.nurse.hears("dr.wang") })
	eventually(v.t, "the doctor hears the nurse", func() bool { return v.doctor.hears("nurse.li") })
}

// carrier is the node that has the call.
func (v *visit) carrier() string {
	return value[string](v.installation, `SELECT node FROM call_leases WHERE call_id = $1`, v.call)
}

func (v *visit) read() (c contract.Consultation) {
	v.t.Helper()
	v.nurse.must(http.MethodGet, "/api/v1/consultations/"+v.id.String(), nil, &c)
	return c
}

// backTogether waits until both have a new connection in the same call of the same consultation and hear each other.
func (v *visit) backTogether(nurse, doctor int) {
	v.t.Helper()
	eventually(v.t, "both have joined again", func() bool { return v.nurse.joined() > nurse && v.doctor.joined() > doctor })
	v.hearEachOther()
	if v.nurse.seat.CallID != v.call || v.doctor.seat.CallID != v.call {
		v.t.Fatal("another call")
	}
	eventually(v.t, "the consultation goes on", func() bool {
		c := v.read()
		return c.State == "IN_PROGRESS" && c.PausedSince == nil && c.CallId != nil && *c.CallId == v.call
	})
}

// Nurse and doctor are on different nodes and in one call; the node that carries it is killed. Both are back in the same call
// of the same consultation on another node without doing anything, and the time in which nobody carried them is not counted.
func TestTheNodeOfACallIsKilled(t *testing.T) {
	t.Parallel()
	in := install(t, "one", "two", "three")
	v := visitAt(in, in.nodes[0], in.nodes[1])
	if got := v.carrier(); got != "one" {
		t.Fatalf("the call is on %q", got)
	}
	// What one mutes, the other learns on another node, and each may ask how the call stands from wherever they are.
	mute := map[string]any{"callId": v.call, "connection": v.doctor.seat.Connection, "audio": true, "video": false}
	if err := v.doctor.do("call.mute", mute, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the nurse learns that the doctor has muted", func() bool { return v.nurse.heard("call.participant") >= 3 })
	var state struct {
		Participants []struct {
			ParticipantID uuid.UUID `json:"participantId"`
			AudioMuted    bool      `json:"audioMuted"`
		} `json:"participants"`
	}
	if err := v.doctor.do("call.state", map[string]any{"callId": v.call, "connection": v.doctor.seat.Connection}, &state); err != nil {
		t.Fatal(err)
	}
	muted := 0
	for _, p := range state.Participants {
		if p.AudioMuted && p.ParticipantID == v.doctor.seat.ParticipantID {
			muted++
		}
	}
	if len(state.Participants) != 2 || muted != 1 {
		t.Fatalf("%+v", state)
	}
	eventually(t, "the consultation has begun", func() bool { return v.read().State == "IN_PROGRESS" })
	term := value[int64](in, `SELECT node_term FROM call_leases WHERE call_id = $1`, v.call)

	from := time.Now()
	in.nodes[0].end(syscall.SIGKILL)
	v.backTogether(1, 1)
	t.Logf("killed: both hear each other again after %v", time.Since(from).Round(time.Millisecond))
	if got := v.carrier(); got != "two" && got != "three" {
		t.Fatalf("the call is on %q", got)
	}
	for _, p := range []*page{v.nurse, v.doctor} {
		if p.heard("call.moved") == 0 {
			t.Errorf("%s did not hear that the call has moved", p.name)
		}
	}
	if v.nurse.resumes == 0 {
		t.Error("the nurse's session was not resumed on another node")
	}
	// The dead node's intervals ended where it was last seen, for good; the new node's follow.
	if n := value[int](in, `SELECT count(*) FROM media_intervals WHERE node_term = $1 AND (NOT closed OR NOT settled OR last_seen_at > $2)`, term, from.Add(time.Second)); n != 0 {
		t.Errorf("%d intervals of the dead node are open, not settled, or later than its death", n)
	}
	if n := value[int](in, `SELECT count(*) FROM media_intervals m JOIN participants p ON p.id = m.participant_id
		WHERE p.call_id = $1 AND m.node_term <> $2 AND m.kind = 'connected' AND NOT m.closed`, v.call, term); n != 2 {
		t.Errorf("%d connections on the new node", n)
	}
	if n := value[int](in, `SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'CALL_MOVED'`, v.id); n == 0 {
		t.Error("the record does not tell of the move")
	}
}

// A node that stops gives its calls up first: the people in them move to another node and never hear silence for long.
func TestTheNodeOfACallDrains(t *testing.T) {
	t.Parallel()
	in := install(t, "one", "two")
	v := visitAt(in, in.nodes[0], in.nodes[1])
	eventually(t, "the consultation has begun", func() bool { return v.read().State == "IN_PROGRESS" })
	from := time.Now()
	in.nodes[0].end(syscall.SIGTERM)
	v.backTogether(1, 1)
	t.Logf("drained: both hear each other on the other node after %v", time.Since(from).Round(time.Millisecond))
	if got := v.carrier(); got != "two" {
		t.Fatalf("the call is on %q", got)
	}
	select {
	case <-in.nodes[0].done:
		t.Logf("drained: the node had stopped after %v", time.Since(from).Round(time.Millisecond))
	case <-time.After(2 * time.Minute):
		t.Fatal("the node does not stop")
	}
	if code := in.nodes[0].cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the node ended with %d", code)
	}
	t.Logf("drained: the record tells of %d interruptions", value[int](in,
		`SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'MEDIA_LOST'`, v.id))
	if n := value[int](in, `SELECT count(*) FROM nodes WHERE NOT lost`); n != 1 {
		t.Errorf("%d nodes live", n)
	}
}

// A node that was paused finds itself dead when it goes on: its rooms are closed, what it would record is refused, and it takes
// calls again in a new life.
func TestAPausedNodeComesBack(t *testing.T) {
	t.Parallel()
	in := install(t, "one", "two")
	v := visitAt(in, in.nodes[0], in.nodes[1])
	eventually(t, "the consultation has begun", func() bool { return v.read().State == "IN_PROGRESS" })
	term := value[int64](in, `SELECT term FROM nodes WHERE name = 'one'`)

	from := time.Now()
	in.nodes[0].end(syscall.SIGSTOP)
	v.nurse.lose()
	eventually(t, "the call is on the other node", func() bool { return v.carrier() == "two" })
	v.doctor.rejoin() // a browser that gets no packets does so by itself
	v.nurse.rejoin()
	v.backTogether(1, 1)
	t.Logf("paused: both hear each other on the other node after %v", time.Since(from).Round(time.Millisecond))
	moved := value[time.Time](in, `SELECT at FROM consultation_events WHERE consultation_id = $1 AND type = 'CALL_MOVED' ORDER BY at LIMIT 1`, v.id)

	if err := in.nodes[0].cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the paused node begins a new life", func() bool {
		return value[int64](in, `SELECT coalesce(max(term), 0) FROM nodes WHERE name = 'one' AND NOT lost`) > term
	})
	if n := value[int64](in, `SELECT node_term FROM call_leases WHERE call_id = $1`, v.call); n == term {
		t.Fatal("the former life has the call")
	}
	v.hearEachOther()
	if n := value[int](in, `SELECT count(*) FROM media_intervals WHERE node_term = $1 AND (NOT settled OR last_seen_at > $2)`, term, moved); n != 0 {
		t.Errorf("the paused node has written %d intervals after the call was moved", n)
	}
	eventually(t, "the consultation goes on", func() bool {
		c := v.read()
		return c.State == "IN_PROGRESS" && c.PausedSince == nil
	})
}

// End call and signing out act on whichever node carries the room.
func TestEndsReachTheRoomOnAnotherNode(t *testing.T) {
	t.Parallel()
	in := install(t, "one", "two")
	v := visitAt(in, in.nodes[0], in.nodes[1])
	eventually(t, "the consultation has begun", func() bool { return v.read().State == "IN_PROGRESS" })
	doctor := v.doctor.media
	v.doctor.leaveAlone()
	if err := v.doctor.call(http.MethodPost, "/api/v1/auth/logout-everywhere", nil, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the doctor's media is ended", func() bool {
		select {
		case <-doctor.Closed():
			return true
		default:
			return false
		}
	})
	if n := value[int](in, `SELECT count(*) FROM consultation_events WHERE consultation_id = $1 AND type = 'LEFT' AND data->>'reason' = 'kicked'`, v.id); n > 1 {
		t.Errorf("kicked %d times", n)
	}
	again := in.open("dr.wang", in.nodes[1])
	c := v.read()
	again.enter(v.id, &c.Epoch)
	v.nurse.leaveAlone()
	nurse := v.nurse.media
	again.leaveAlone()
	again.must(http.MethodPost, "/api/v1/consultations/"+v.id.String()+"/end-call", contract.EpochRequest{Epoch: c.Epoch}, nil)
	eventually(t, "the room is closed", func() bool {
		select {
		case <-nurse.Closed():
			return true
		default:
			return false
		}
	})
}

// What an operator looks at.
func TestWhatNodesTellOfThemselves(t *testing.T) {
	t.Parallel()
	in := install(t, "one", "two", "three")
	for _, n := range in.nodes {
		var ready map[string]string
		p := &page{t: t, in: in, first: n, ctx: t.Context()}
		p.must(http.MethodGet, "/readyz", nil, &ready)
		if ready["node"] != n.name || ready["status"] != "ready" {
			t.Errorf("%v", ready)
		}
		eventually(t, n.name+" knows all", func() bool { return strings.Contains(n.text(t, "/metrics"), `lianzhen_nodes{state="alive"} 3`) })
		for _, name := range []string{"lianzhen_call_leases 0", `lianzhen_calls_moved_total{reason="draining"} 0`, "\nlianzhen_node_rebirths_total "} {
			if !strings.Contains(n.text(t, "/metrics"), name) {
				t.Errorf("%s has no %s", n.name, name)
			}
		}
	}
}
