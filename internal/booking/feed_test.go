package booking_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// golden is what a calendar program gets. The web application's tests read the same file with an independent parser.
const golden = "testdata/calendar.ics"

// TestACalendarTellsWhenAndNothingOfTheResident: one that stands, one that was moved, one that was cancelled, one that went to somebody else, and
// none that was only held.
func TestACalendarTellsWhenAndNothingOfTheResident(t *testing.T) {
	c := openClinic(t, func(in *contract.AppointmentKindInput) {
		in.Place, in.TravelMinutes, in.Name = contract.AppointmentPlaceHOME, new(15), "上门随访，慢病"
	})
	stands := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(1, 9, 0)))
	moved := c.mustBook(c.Nurse, c.wish(c.Wang, c.Second, at(1, 11, 0)))
	over := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(2, 9, 0)))
	given := c.mustBook(c.Nurse, c.wish(c.Wang, c.Resident, at(3, 9, 0)))
	held := c.wish(c.Wang, c.Second, at(6, 9, 0))
	held.Hold = new(true)
	c.mustBook(c.Nurse, held)
	c.Clock.Pass(time.Minute)
	caretest.Must[contract.Appointment](c.World)(c.book.RescheduleAppointment(t.Context(), c.Nurse, uuid.New(), moved.Id, contract.RescheduleInput{Revision: 1, StartsAt: at(1, 11, 30)}))
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), over.Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
	caretest.Must[contract.Appointment](c.World)(c.book.RescheduleAppointment(t.Context(), c.Nurse, uuid.New(), given.Id,
		contract.RescheduleInput{Revision: 1, StartsAt: at(3, 9, 0), PractitionerId: &c.Zhao.UserID}))

	made := caretest.Must[contract.CalendarFeed](c.World)(c.book.CreateCalendarFeed(t.Context(), c.Wang, contract.CalendarFeedInput{}))
	token := filepath.Base(*made.Path)
	read := func() string {
		t.Helper()
		return caretest.Must[string](c.World)(c.book.ReadCalendar(t.Context(), token))
	}
	text := read()
	for i, id := range []uuid.UUID{stands.Id, moved.Id, over.Id, given.Id} { // ids are new in each run
		text = strings.ReplaceAll(text, id.String(), "00000000-0000-7000-8000-00000000000"+string(rune('1'+i)))
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("the calendar is not %s (UPDATE_GOLDEN=1 writes it):\n%s", golden, text)
	}
	for _, secret := range []string{"张", "乌兰", "101-1", "阳光"} {
		if strings.Contains(text, secret) {
			t.Errorf("it holds %q", secret)
		}
	}

	// It is updated in place: the same address, the same UID, a higher SEQUENCE.
	sequence := func(id uuid.UUID) string {
		t.Helper()
		m := regexp.MustCompile(`(?s)UID:` + id.String() + `@lianzhen.*?SEQUENCE:(\d+)`).FindStringSubmatch(read())
		if m == nil {
			t.Fatalf("%s is not in it", id)
		}
		return m[1]
	}
	before := sequence(stands.Id)
	caretest.Must[contract.Appointment](c.World)(c.book.CancelAppointment(t.Context(), c.Nurse, uuid.New(), stands.Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
	if after := sequence(stands.Id); before != "1" || after != "2" {
		t.Errorf("sequence %s, then %s", before, after)
	}

	bed := contract.FeedDetailBED
	detailed := caretest.Must[contract.CalendarFeed](c.World)(c.book.CreateCalendarFeed(t.Context(), c.Wang, contract.CalendarFeedInput{Detail: &bed}))
	if got := caretest.Must[string](c.World)(c.book.ReadCalendar(t.Context(), filepath.Base(*detailed.Path))); !strings.Contains(got, "阳光颐养院") || strings.Contains(got, "乌兰") {
		t.Errorf("with beds: %s", got)
	}
	if err := c.book.RevokeCalendarFeed(t.Context(), c.Zhao, made.Id); problem.Of(err).Code != "not_found" {
		t.Errorf("somebody else's: %v", err)
	}
	if err := c.book.RevokeCalendarFeed(t.Context(), c.Wang, made.Id); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{token, strings.Repeat("A", 43)} {
		if _, err := c.book.ReadCalendar(t.Context(), gone); problem.Of(err).Code != "not_found" {
			t.Errorf("%s: %v", gone, err)
		}
	}
}
