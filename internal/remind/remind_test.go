package remind_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/booking"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/panel"
	"github.com/lianzhen-health/lianzhen/internal/remind"
	"github.com/lianzhen-health/lianzhen/internal/visits"
)

// house is a world whose hospital offers video appointments, with a gateway for SMS and a robot in the nurses' group.
type house struct {
	*caretest.World
	book   *booking.Service
	visits *visits.Service
	remind *remind.Service
	sender *notify.Service
	kind   uuid.UUID

	mu  sync.Mutex
	sms []notify.SMSBody
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{World: caretest.New(t)}
	var err error
	check := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	h.book, err = booking.New(booking.Deps{Store: h.Store, Keeper: h.Keeper, Now: h.Clock.Now})
	check()
	h.visits, err = visits.New(visits.Deps{Store: h.Store, Keeper: h.Keeper, Identity: h.Identity, Care: h.Care, Contracts: panel.Contracts{}, Appointments: h.book, Now: h.Clock.Now})
	check()
	public, err := url.Parse("https://lianzhen.example.cn")
	check()
	h.sender, err = notify.New(t.Context(), notify.Deps{Store: h.Store, Keeper: h.Keeper, Now: h.Clock.Now,
		Config: notify.Config{Policy: notify.Policy{AllowPrivate: true}, PublicURL: public, Poll: 3 * time.Millisecond}})
	check()
	h.remind, err = remind.New(remind.Deps{Store: h.Store, Keeper: h.Keeper, Booking: h.book, Visits: h.visits, Words: h.sender, Now: h.Clock.Now})
	check()
	kind, err := h.book.CreateAppointmentKind(t.Context(), h.HospitalAdmin, uuid.New(), contract.AppointmentKindInput{Name: "压疮换药指导", Place: contract.AppointmentPlaceONLINE, Minutes: 30,
		HorizonDays: 60, BookedBy: []contract.Role{"NURSE", "CONSULTANT"}})
	check()
	h.kind = kind.Id
	for _, doctor := range []identity.Actor{h.Wang, h.Zhao} {
		_, err = h.book.AddAvailabilityRule(t.Context(), doctor, uuid.New(), contract.AvailabilityRuleInput{Recurrence: "FREQ=DAILY", StartsOn: openapi_types.Date{Time: caretest.Start()},
			FromMinute: 8 * 60, ToMinute: 18 * 60, Days: new(contract.RuleDays("ALL"))})
		check()
	}
	return h
}

// gateway takes SMS for the house until the test ends.
func (h *house) gateway() {
	h.T.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body notify.SMSBody
		if json.NewDecoder(r.Body).Decode(&body) == nil {
			h.mu.Lock()
			h.sms = append(h.sms, body)
			h.mu.Unlock()
		}
	}))
	h.T.Cleanup(srv.Close)
	key := "a-gateway's-key-of-its-own"
	caretest.Must[contract.NotificationChannel](h.World)(h.Care.CreateNotificationChannel(h.T.Context(), h.HomeAdmin, uuid.New(), contract.NotificationChannelInput{
		OrganisationId: h.Home, Kind: "SMS_WEBHOOK", Name: "短信", Url: srv.URL, Secret: &key, Events: []contract.NotifyEvent{}, Locale: "zh-CN"}))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.sender.Run(ctx) }()
	h.T.Cleanup(func() { cancel(); <-ended })
}

// relative gives a resident somebody with a telephone.
func (h *house) relative(resident uuid.UUID, phone string) {
	id := uuid.New()
	h.Exec(`INSERT INTO guardians (id, resident_id, name_enc, relation, phone_enc) VALUES ($1, $2, $3, 'CHILD', $4)`, id, resident,
		h.Keeper.SealText("guardians", "name_enc", id, "张丽"), h.Keeper.SealText("guardians", "phone_enc", id, phone))
}

// at is an instant by the clock in Asia/Shanghai, in days after the world begins (Tuesday 2026-03-10, nine o'clock).
func at(days, hour, minute int) time.Time {
	return time.Date(2026, 3, 10+days, hour-8, minute, 0, 0, time.UTC)
}

func (h *house) booked(doctor identity.Actor, resident uuid.UUID, start time.Time) contract.Appointment {
	h.T.Helper()
	return caretest.Must[contract.Appointment](h.World)(h.book.BookAppointment(h.T.Context(), h.Nurse, uuid.New(), contract.AppointmentInput{KindId: h.kind, PractitionerId: doctor.UserID,
		ResidentId: resident, StartsAt: start}))
}

// until lets the clock go to an instant and the reminders be looked at.
func (h *house) until(t time.Time) {
	h.T.Helper()
	h.Clock.Pass(t.Sub(h.Clock.Now()))
	if _, err := h.remind.Sweep(h.T.Context()); err != nil {
		h.T.Fatal(err)
	}
}

// facts are the reminders of an appointment, "KIND revision state why".
func (h *house) facts(id uuid.UUID) string {
	h.T.Helper()
	var out string
	if err := h.Store.Pool.QueryRow(h.T.Context(), `SELECT coalesce(string_agg(kind || ' ' || revision || ' ' || trim(state || ' ' || why), ', ' ORDER BY at, kind DESC), '') FROM appointment_reminders
		WHERE appointment_id = $1`, id).Scan(&out); err != nil {
		h.T.Fatal(err)
	}
	return out
}

func (h *house) wants(id uuid.UUID, want string) {
	h.T.Helper()
	if got := h.facts(id); got != want {
		h.T.Errorf("reminders: %s\nwant: %s", got, want)
	}
}

// messages waits for so many SMS and gives their texts.
func (h *house) messages(n int) []notify.SMSBody {
	h.T.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(3 * time.Millisecond)
	defer tick.Stop()
	for {
		h.mu.Lock()
		got := slices.Clone(h.sms)
		h.mu.Unlock()
		if len(got) >= n && h.Count(`SELECT count(*) FROM notification_deliveries WHERE state = 'SENDING' OR state = 'WAITING' AND due_at <= $1`, h.Clock.Now()) == 0 &&
			h.Count(`SELECT count(*) FROM notifications WHERE planned_at IS NULL`) == 0 {
			return got
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			h.T.Fatalf("%d messages, want %d", len(got), n)
		}
	}
}

// From three days before to the start: who goes, the nurses and the family are told three times, once each, however many nodes look; the family's message says nothing of
// illness; and moving it makes what was planned for the earlier time silent.
func TestRemindersOfOneAppointment(t *testing.T) {
	h := newHouse(t)
	h.gateway()
	h.relative(h.Resident, "13800138001")
	a := h.booked(h.Wang, h.Resident, at(5, 10, 0))
	h.until(at(2, 9, 59))
	h.wants(a.Id, "")
	h.Clock.Pass(time.Minute)
	var g sync.WaitGroup
	for range 3 {
		g.Go(func() {
			if _, err := h.remind.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	g.Wait()
	h.wants(a.Id, "D3 1 TOLD")
	first := h.messages(1)[0]
	if first.To != "13800138001" || !strings.Contains(first.Text, "3月15日周日 10:00") || strings.Contains(first.Text, "压疮") || strings.Contains(first.Text, "张") {
		t.Errorf("%+v", first)
	}
	if n := h.Count(`SELECT count(*) FROM notifications WHERE event = 'APPOINTMENT_REMINDER' AND $1 = ANY (users) AND $2 = ANY (users) AND resident_id = $3`, h.Wang.UserID, h.Nurse.UserID, h.Resident); n != 1 {
		t.Errorf("%d facts for doctor, nurse and family", n)
	}
	// Moved: the family is told so, once, and the reminders begin anew for the new time.
	caretest.Must[contract.Appointment](h.World)(h.book.RescheduleAppointment(t.Context(), h.Nurse, uuid.New(), a.Id, contract.RescheduleInput{Revision: 1, StartsAt: at(4, 15, 0)}))
	h.until(at(2, 10, 30))
	h.until(at(2, 10, 31))
	h.wants(a.Id, "D3 1 TOLD, MOVED 2 TOLD, D3 2 SKIPPED LATE")
	if got := h.messages(2)[1].Text; !strings.Contains(got, "变动") || !strings.Contains(got, "3月14日周六 15:00") {
		t.Error(got)
	}
	h.until(at(3, 15, 0))
	h.until(at(4, 13, 0))
	h.wants(a.Id, "D3 1 TOLD, MOVED 2 TOLD, D3 2 SKIPPED LATE, D1 2 TOLD, H2 2 TOLD")
	h.messages(4)
	// Cancelled: whom a message had gone to is told, and no one else.
	caretest.Must[contract.Appointment](h.World)(h.book.CancelAppointment(t.Context(), h.Nurse, uuid.New(), a.Id, contract.CancelAppointmentInput{Revision: 2, Reason: "UNWELL"}))
	h.until(at(4, 13, 5))
	h.until(at(4, 13, 6))
	if got := h.messages(5)[4].Text; !strings.Contains(got, "已取消") || strings.Contains(got, "http") {
		t.Error(got)
	}
	if n := h.Count(`SELECT count(*) FROM notifications WHERE event = 'APPOINTMENT_CANCELLED' AND users = '{}' AND resident_id = $1`, h.Resident); n != 1 {
		t.Errorf("%d facts of the cancellation for the family alone", n)
	}
}

// A message that still waits when the appointment is moved or cancelled is never sent, and neither is one whose time is over.
func TestWhatWaitsFallsSilent(t *testing.T) {
	h := newHouse(t)
	h.relative(h.Resident, "13800138001")
	h.relative(h.Second, "13800138002")
	h.relative(h.Dement, "13800138003")
	moved, off := h.booked(h.Wang, h.Resident, at(3, 9, 0)), h.booked(h.Wang, h.Second, at(3, 10, 0))
	h.booked(h.Zhao, h.Dement, at(3, 9, 30))
	h.until(at(2, 10, 0)) // nobody sends
	caretest.Must[contract.Appointment](h.World)(h.book.RescheduleAppointment(t.Context(), h.Nurse, uuid.New(), moved.Id, contract.RescheduleInput{Revision: 1, StartsAt: at(20, 9, 0)}))
	caretest.Must[contract.Appointment](h.World)(h.book.CancelAppointment(t.Context(), h.Nurse, uuid.New(), off.Id, contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"}))
	h.until(at(2, 10, 5))
	h.wants(moved.Id, "D3 1 SKIPPED OVERTAKEN, D1 1 TOLD, MOVED 2 TOLD")
	h.gateway()
	if got := h.messages(1); len(got) != 1 || got[0].To != "13800138003" {
		t.Errorf("%+v", got)
	}
	// The gateway was away until the appointment had begun.
	h.until(at(3, 8, 0))
	h.Exec(`UPDATE notification_deliveries SET state = 'RETRYING', due_at = $1 WHERE resident_id = $2`, at(3, 9, 45), h.Dement)
	h.until(at(3, 9, 45))
	before := len(h.messages(1))
	h.messages(before)
	if n := h.Count(`SELECT count(*) FROM notification_deliveries WHERE resident_id = $1 AND state = 'STOPPED' AND error_code = 'notify_too_late'`, h.Dement); n == 0 {
		t.Error("sent after the appointment had begun")
	}
}
