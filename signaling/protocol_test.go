package signaling

import (
	"fmt"
	"os"
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
		"call.join": fieldsOf[joinedCall](), "media.probe": fieldsOf[probed](), "presence.changed": fieldsOf[presenceNow](),
		eventParticipant: fieldsOf[change](), eventSlots: append(fieldsOf[slotsNow](), fieldsOf[Slot]()...),
	} {
		if got := codes(data[name]); !slices.Equal(got, want) {
			t.Errorf("%s: the page has %v, the code %v", name, got, want)
		}
	}
	for _, event := range []string{eventRevoked, eventCallEnded, "duty.changed"} {
		if _, ok := data[event]; !ok {
			t.Errorf("the event %s is not on the page", event)
		}
	}
	for _, field := range fieldsOf[welcome]() {
		if !strings.Contains(p.text, `"`+field+`": `) {
			t.Errorf("the welcome on the page has no %s", field)
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
		"frame from a client":               {fmt.Sprintf("%d KiB", maxFrame>>10), closes(closeFrameTooBig)},
		"hello after open":                  {seconds(helloWait), closes(closeBadRequest)},
		"ping from the server":              {seconds(pingEvery), seconds(pongWait), closes(closeNoPong)},
		"write deadline":                    {seconds(writeWait)},
		"queue to a client":                 {fmt.Sprintf("%d MiB", maxQueue>>20), closes(closeSlow)},
		"commands, and pings of the client": {fmt.Sprintf("%d a second, burst %d", commandRate, commandBurst), closes(closeTooMany)},
		"commands not yet answered":         {strconv.Itoa(maxPending), fmt.Sprintf("%d KiB", maxPendingBytes>>10), closes(closeTooMany)},
		"sockets of one sign-in":            {strconv.Itoa(maxPerSignIn), strconv.Itoa(int(closeReplaced))},
		"`Origin`":                          {"`origin_refused`", "403"},
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
		fmt.Sprintf("the last %d results of a session (%d KiB at most)", maxRemembered, maxRememberedBytes>>10),
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
		"no_hello", "wrong_value", "starting", "unavailable", "reload"} {
		if !strings.Contains(p.text, "`"+detail+"`") {
			t.Errorf("the detail %s is not on the page", detail)
		}
	}
}
