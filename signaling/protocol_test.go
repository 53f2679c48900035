package signaling

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// page is PROTOCOL.md, taken apart.
type page struct {
	t    *testing.T
	text string
}

func protocol(t *testing.T) page {
	t.Helper()
	b, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	return page{t, string(b)}
}

// table gives the rows of the table whose first column has this head, each cell trimmed.
func (p page) table(head string) [][]string {
	p.t.Helper()
	var rows [][]string
	in := false
	for line := range strings.Lines(p.text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "| "+head+" |"):
			in = true
		case !in:
		case !strings.HasPrefix(line, "|"):
			return rows
		case strings.HasPrefix(line, "|---"):
		default:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, cells)
		}
	}
	if len(rows) == 0 {
		p.t.Fatalf("no table with the head %q", head)
	}
	return rows
}

var code = regexp.MustCompile("`([^`]+)`")

// codes are the words of a cell in code type.
func codes(cell string) []string {
	var list []string
	for _, m := range code.FindAllStringSubmatch(cell, -1) {
		list = append(list, m[1])
	}
	return list
}

func TestPageHasEveryCommand(t *testing.T) {
	rows := protocol(t).table("command")
	commands := Commands()
	if len(rows) != len(commands) {
		t.Fatalf("%d commands on the page, %d in the registry", len(rows), len(commands))
	}
	for i, c := range commands {
		if name := codes(rows[i][0]); len(name) != 1 || name[0] != c.Name {
			t.Errorf("row %d is %v, the registry has %s", i, name, c.Name)
		}
		who := strings.Join(c.Roles, ", ")
		if len(c.Roles) == 0 {
			who = "signed-in"
		}
		if rows[i][1] != who {
			t.Errorf("%s: the page says %q, the registry %q", c.Name, rows[i][1], who)
		}
		if fields := codes(rows[i][2]); !slices.Equal(fields, c.Fields) {
			t.Errorf("%s: the page has the fields %v, the registry %v", c.Name, fields, c.Fields)
		}
	}
}

// Every frame type stands on the page with its fields, in the order of the code.
func TestPageHasEveryFrame(t *testing.T) {
	rows := protocol(t).table("frame")
	fields := map[string][]string{
		"client hello": fieldsOf[hello](), "client resume": fieldsOf[resume](), "client ack": fieldsOf[ack](), "client commands": nil,
		"server welcome": fieldsOf[welcome](), "server resumed": fieldsOf[resumed](), "server reload": fieldsOf[reload](),
		"server result": fieldsOf[result](), "server position": {"positions"},
		"server event": append([]string{"stream", "seq", "prev"}, fieldsOf[event]()...),
	}
	for _, k := range frameKinds() {
		if _, ok := fields["server "+k.String()]; !ok {
			t.Errorf("the frame %s is in the code, but not in this test", k)
		}
	}
	if len(rows) != len(fields) {
		t.Errorf("%d frames on the page, %d in the code", len(rows), len(fields))
	}
	for _, r := range rows {
		name := r[1] + " " + strings.Trim(r[0], "`")
		want, ok := fields[name]
		if got := codes(r[2]); !ok || !slices.Equal(got, want) {
			t.Errorf("%s: the page has %v, the code %v", name, got, want)
		}
	}
	// What the writer really writes has these fields and no other.
	for _, x := range []struct {
		kind frameKind
		body any
	}{
		{frameWelcome, welcome{}}, {frameResumed, resumed{}}, {frameReload, reload{}},
		{frameResult, result{Data: 1, Error: &refusal{}}}, {frameEvent, event{Data: []byte("{}"), Ack: true}}, {framePosition, nil},
	} {
		f := frame{kind: x.kind, upTo: &positions{}}
		if x.body != nil {
			var err error
			if f.tail, err = tail(x.body); err != nil {
				t.Fatal(err)
			}
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal(appendFrame(nil, f), &m); err != nil {
			t.Fatalf("%s: %v", x.kind, err)
		}
		if want := fields["server "+x.kind.String()]; len(m) != 1+len(want) || slices.ContainsFunc(want, func(n string) bool { _, ok := m[n]; return !ok }) {
			t.Errorf("%s is written as %v", x.kind, m)
		}
	}
}

// The reasons of reload, in the frame's row and in their table.
func TestPageHasEveryReason(t *testing.T) {
	p := protocol(t)
	reasons := []string{reloadUnknown, reloadExpired, reloadGap}
	rows := p.table("reason")
	for i, r := range reasons {
		if len(rows) != len(reasons) || !slices.Equal(codes(rows[i][0]), []string{r}) {
			t.Errorf("the page has %v as reason %d, the code %s", rows[i], i, r)
		}
	}
	if !strings.Contains(p.text, "`reason` ("+strings.Join(reasons, ", ")+")") {
		t.Errorf("the row of the frame lacks %v", reasons)
	}
}

// The events of the page are those of the code, with their marks.
func TestPageHasEveryEvent(t *testing.T) {
	rows := protocol(t).table("event")
	events := eventTable()
	if len(rows) != len(events) {
		t.Fatalf("%d events on the page, %d in the code", len(rows), len(events))
	}
	for i, e := range events {
		if name := codes(rows[i][0]); !slices.Equal(name, []string{e.name}) {
			t.Errorf("row %d is %v, the code has %s", i, name, e.name)
		}
		if marked := rows[i][len(rows[i])-1] == "ack"; marked != e.critical || critical(e.name) != e.critical {
			t.Errorf("%s: critical %v in the table, %v in the code, marked %v", e.name, e.critical, critical(e.name), marked)
		}
	}
}

// Whoever writes an event into the outbox takes one of the table. The names are found in the source: as the field Event of an
// envelope and as the first argument of the function that keeps envelopes until commit.
func TestNoOtherEventIsSent(t *testing.T) {
	known := map[string]bool{eventTaken: true}
	for _, e := range eventTable() {
		known[e.name] = true
	}
	literal := regexp.MustCompile(`(?:\bEvent:\s*|\.tell\()"([a-z_.]+)"`)
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "web" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".."):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "store.Envelope") && !strings.Contains(string(text), ".tell(") {
			return err
		}
		for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
			seen[m[1]] = true
			if !known[m[1]] {
				t.Errorf("%s sends the event %s, which is not in the table", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !seen["ring"] || !seen[eventRevoked] {
		t.Errorf("the search found only %v", seen)
	}
}

// The fields of results and events that this package makes itself.
func TestPageHasEveryField(t *testing.T) {
	p := protocol(t)
	data := map[string]string{}
	for _, r := range p.table("command") {
		data[codes(r[0])[0]] = r[3]
	}
	for _, r := range p.table("event") {
		data[codes(r[0])[0]] = r[2]
	}
	for name, want := range map[string][]string{
		"token.renew": fieldsOf[renewed](), "presence.set": fieldsOf[presenceNow](), "presence.get": fieldsOf[presenceNow](),
		"call.join": fieldsOf[joinedCall](), "call.state": fieldsOf[CallState](), "media.probe": fieldsOf[probed](),
		"presence.changed": fieldsOf[presenceNow](), eventParticipant: fieldsOf[change](),
		eventSlots: append(fieldsOf[slotsNow](), fieldsOf[Slot]()...),
	} {
		if got := codes(data[name]); !slices.Equal(got, want) {
			t.Errorf("%s: the page has %v, the code %v", name, got, want)
		}
	}
	for _, frame := range [][]string{fieldsOf[welcome](), fieldsOf[resumed](), fieldsOf[hello](), fieldsOf[resume](), fieldsOf[ack]()} {
		for _, field := range frame {
			if !strings.Contains(p.text, `"`+field+`": `) {
				t.Errorf("no example on the page has the field %s", field)
			}
		}
	}
}

func TestPageHasEveryCloseCode(t *testing.T) {
	rows := protocol(t).table("code | name")
	all := closeCodes()
	if len(rows) != len(all) {
		t.Fatalf("%d codes on the page, %d in the code", len(rows), len(all))
	}
	for i, c := range all {
		if rows[i][0] != strconv.Itoa(int(c)) || rows[i][1] != "`"+c.name()+"`" {
			t.Errorf("row %d is %v, the code has %d %s", i, rows[i], c, c.name())
		}
		if retries := strings.Contains(rows[i][3], "retries"); retries != (c < closeUnauthorized) {
			t.Errorf("%d %s: the page says %q", c, c.name(), rows[i][3])
		}
	}
}

func TestPageHasTheLimits(t *testing.T) {
	rows := map[string]string{}
	for _, r := range protocol(t).table("what") {
		rows[r[0]] = r[1] + " | " + r[2]
	}
	closes := func(c closeCode) string { return fmt.Sprintf("close %d", c) }
	seconds := func(d time.Duration) string { return fmt.Sprintf("%d s", int(d.Seconds())) }
	for what, want := range map[string][]string{
		"frame from a client":                          {fmt.Sprintf("%d KiB", maxFrame>>10), closes(closeFrameTooBig)},
		"hello or resume after open":                   {seconds(helloWait), closes(closeBadRequest)},
		"sockets that have not sent their first frame": {fmt.Sprintf("%d of an address", maxStrangersOfOne), fmt.Sprintf("%d of a node", maxStrangers), "429 `too_many_requests`", "503 `unavailable`"},
		"failed resumes of an address (IPv6: /64)":     {fmt.Sprintf("%d at once, then %d a second", guessBurst, guessRate), "`reload`"},
		"sessions opened or resumed": {fmt.Sprintf("%d at once, then %d a second", visitBurst, visitRate),
			fmt.Sprintf("%d at once, then %d a second", accountBurst, accountRate), closes(closeTooMany)},
		"replay":                                 {seconds(resumeWindow), fmt.Sprintf("%d rows", maxReplayRows), fmt.Sprintf("%d MiB", maxReplayBytes>>20), "`reload`"},
		"critical event":                         {"every " + seconds(ackEvery), "for " + seconds(ackWait), strconv.Itoa(maxUnheard), closes(closeNoAck)},
		"ping from the server":                   {seconds(pingEvery), seconds(pongWait), closes(closeNoPong)},
		"write deadline":                         {seconds(writeWait)},
		"queue to a client":                      {fmt.Sprintf("%d MiB", maxQueue>>20), closes(closeSlow)},
		"commands, acks and pings of the client": {fmt.Sprintf("%d a second, burst %d", commandRate, commandBurst), closes(closeTooMany)},
		"commands not yet answered":              {strconv.Itoa(maxPending), fmt.Sprintf("%d KiB", maxPendingBytes>>10), closes(closeTooMany)},
		"sockets of one sign-in":                 {strconv.Itoa(maxPerSignIn), strconv.Itoa(int(closeReplaced))},
		"`Origin`":                               {"`origin_refused`", "403"},
	} {
		for _, part := range want {
			if !strings.Contains(rows[what], part) {
				t.Errorf("%s: the page says %q, which lacks %q", what, rows[what], part)
			}
		}
	}
	text := strings.Join(strings.Fields(protocol(t).text), " ")
	for _, part := range []string{
		"`" + subprotocol + "`",
		seconds(expiryGrace) + " after its expiry",
		fmt.Sprintf("%d streams, 0–%d", len(positions{}), len(positions{})-1),
		"at most every " + seconds(pingEvery),
		"within " + seconds(refreshEvery),
		"more than " + seconds(resumeWindow) + " after the session's last sign of life",
		fmt.Sprintf("the last %d results of a socket (%d KiB at most)", maxRemembered, maxRememberedBytes>>10),
		"Every command has " + seconds(commandTime),
		fmt.Sprintf("`minutes` 1–%d", presenceMax),
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
}

// Each error code on the page has its sentences, and each detail of a close frame is on the page.
func TestPageHasTheCodes(t *testing.T) {
	p := protocol(t)
	for _, r := range p.table("code | when") {
		for _, c := range codes(r[0]) {
			if !problem.Known(c) {
				t.Errorf("%s has no sentence", c)
			}
		}
	}
	for _, detail := range []string{detailNotText, detailNotJSON, detailRepeated, detailUnknownType, detailUnknownField, detailMissingID,
		detailWrongValue, detailSecondResume, detailVisits, "no_hello", "starting", "unavailable", "reload"} {
		if !strings.Contains(p.text, "`"+detail+"`") {
			t.Errorf("the detail %s is not on the page", detail)
		}
	}
}
