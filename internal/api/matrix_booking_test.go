package api_test

import (
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

// bookable are the objects of booking: what the doctor's hospital offers, the doctor's hours, and what is booked for the resident.
type bookable struct {
	kind, doctor, appointment, held, rule, exception, series, waiting, feed uuid.UUID
}

func bookingRows() map[string]row {
	kind := contract.AppointmentKindInput{Name: "门诊", Place: "CLINIC", Minutes: 20, HorizonDays: 30, BookedBy: []contract.Role{"NURSE"}}
	period := "from=2026-03-10T00:00:00Z&to=2026-03-20T00:00:00Z"
	return map[string]row{
		"ListAppointmentKinds":  {},
		"CreateAppointmentKind": {body: same(kind)},
		"UpdateAppointmentKind": {object: func(p place) uuid.UUID { return p.kind }, of: "DISPATCHER", body: same(contract.AppointmentKindUpdate{Revision: 1, Kind: kind})},
		"GetAvailability":       {query: "?userId={doctor}&" + period, of: "DISPATCHER"},
		"AddAvailabilityRule": {of: "DISPATCHER", body: func(_ *site, p place) any {
			return contract.AvailabilityRuleInput{UserId: &p.doctor, Recurrence: "FREQ=WEEKLY;BYDAY=MO", StartsOn: openapi_types.Date{Time: caretest.Start()}, FromMinute: 480, ToMinute: 720}
		}},
		"EndAvailabilityRule": {object: func(p place) uuid.UUID { return p.rule }, of: "CONSULTANT", body: same(contract.LastDay{LastDay: openapi_types.Date{Time: caretest.Start()}})},
		"AddAvailabilityException": {of: "CONSULTANT", body: same(contract.AvailabilityExceptionInput{Effect: "CLOSED", Reason: "LEAVE", StartsAt: caretest.Start(),
			EndsAt: caretest.Start().Add(time.Hour)})},
		"RemoveAvailabilityException": {object: func(p place) uuid.UUID { return p.exception }, of: "CONSULTANT"},
		"FindSlots":                   {not: "FAMILY_DOCTOR", query: "?kindId={kind}&" + period},
		"ListAppointments":            {query: "?" + period},
		"BookAppointment": {not: "FAMILY_DOCTOR", body: func(_ *site, p place) any {
			return contract.AppointmentInput{KindId: p.kind, PractitionerId: p.doctor, ResidentId: p.resident, StartsAt: caretest.Start().AddDate(0, 0, 7)}
		}},
		"GetAppointment":         {not: "FAMILY_DOCTOR", object: appointment},
		"ConfirmAppointment":     {not: "FAMILY_DOCTOR", object: func(p place) uuid.UUID { return p.held }},
		"RescheduleAppointment":  {not: "FAMILY_DOCTOR", object: appointment, body: same(contract.RescheduleInput{Revision: 1, StartsAt: caretest.Start().AddDate(0, 0, 8)})},
		"AcknowledgeAppointment": {not: "FAMILY_DOCTOR", object: appointment, body: same(contract.Revision{Revision: 1})},
		"CancelAppointment":      {not: "FAMILY_DOCTOR", object: appointment, body: same(contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"})},
		"BookAppointmentSeries": {not: "FAMILY_DOCTOR", body: func(_ *site, p place) any {
			return contract.AppointmentSeriesInput{KindId: p.kind, PractitionerId: p.doctor, ResidentId: p.resident, Recurrence: "FREQ=WEEKLY;COUNT=2",
				StartsOn: openapi_types.Date{Time: caretest.Start().AddDate(0, 0, 14)}, StartMinute: 600}
		}},
		"GetAppointmentSeries":  {not: "FAMILY_DOCTOR", object: func(p place) uuid.UUID { return p.series }},
		"ListPreparations":      {query: "?day=2026-03-13"},
		"TickPreparation":       {object: appointment, of: "NURSE", body: same(contract.PreparationTick{Item: "ROOM", Done: true})},
		"ProposeAppointments":   {not: "FAMILY_DOCTOR", query: "?kindId={kind}&practitionerId={doctor}&residentIds={resident}&" + period},
		"GetAppointmentFigures": {query: "?from=2026-03-09&to=2026-03-15"},
		"ListWaiting":           {},
		"JoinWaitingList": {not: "FAMILY_DOCTOR", body: func(_ *site, p place) any {
			return contract.WaitingInput{KindId: p.kind, ResidentId: p.resident, Earliest: caretest.Start().AddDate(0, 0, 40), Latest: caretest.Start().AddDate(0, 0, 50)}
		}},
		"LeaveWaitingList":         {not: "FAMILY_DOCTOR", object: func(p place) uuid.UUID { return p.waiting }},
		"ListCalendarFeeds":        {},
		"CreateCalendarFeed":       {body: same(contract.CalendarFeedInput{})},
		"RevokeCalendarFeed":       {object: func(p place) uuid.UUID { return p.feed }, of: "NURSE"},
		"ReadCalendar":             {},
		"RecordAppointmentOutcome": {not: "FAMILY_DOCTOR", object: appointment, body: same(contract.AppointmentOutcome{Revision: 1, Outcome: "ARRIVED"})},
	}
}

func appointment(p place) uuid.UUID { return p.appointment }

// bookings makes a kind at the doctor's hospital, hours of the doctor, and two appointments of the resident with the doctor.
func (s *site) bookings(p *place, nurse, doctor identity.Actor) {
	s.t.Helper()
	hospital, now, all := doctor.Memberships[0].OrganisationID, s.Clock.Now(), []string{"NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER", "INST_ADMIN"}
	p.bookable = bookable{kind: uuid.New(), doctor: doctor.UserID, appointment: uuid.New(), held: uuid.New(), rule: uuid.New(), exception: uuid.New(),
		series: uuid.New(), waiting: uuid.New(), feed: uuid.New()}
	s.Exec(`INSERT INTO appointment_kinds (id, organisation_id, name, place, minutes, step_minutes, horizon_days, booked_by, created_at)
		VALUES ($1, $2, '随访', 'ONLINE', 30, 30, 60, $3, $4)`, p.kind, hospital, all, now)
	s.Exec(`INSERT INTO availability_rules (id, user_id, organisation_id, recurrence, starts_on, from_minute, to_minute, created_by, created_at)
		VALUES ($1, $2, $3, 'FREQ=DAILY', '2026-03-01', 480, 1080, $2, $4)`, p.rule, doctor.UserID, hospital, now)
	s.Exec(`INSERT INTO availability_exceptions (id, user_id, organisation_id, effect, reason, starts_at, ends_at, created_by, created_at)
		VALUES ($1, $2, $3, 'CLOSED', 'LEAVE', '2026-05-01', '2026-05-02', $2, $4)`, p.exception, doctor.UserID, hospital, now)
	for i, id := range []uuid.UUID{p.appointment, p.held} {
		start := caretest.Start().AddDate(0, 0, 3+i)
		s.Exec(`INSERT INTO appointments (id, organisation_id, resident_org_id, kind_id, resident_id, status, place, starts_at, ends_at, session, seat, capacity, hold_expires_at,
			free_until, booked_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 'ONLINE', $7, $8, $1, 1, 1, $9, $7, $10, $11, $11)`, id, hospital, p.organisation, p.kind,
			p.resident, []string{"BOOKED", "HELD"}[i], start, start.Add(30*time.Minute), now.Add(time.Hour), nurse.UserID, now)
		s.Exec(`INSERT INTO appointment_staff (appointment_id, user_id, part, blocked_from, blocked_to, session, live) VALUES ($1, $2, 'LEAD', $3, $4, $1, true)`,
			id, doctor.UserID, start, start.Add(30*time.Minute))
	}
	s.Exec(`INSERT INTO appointment_series (id, kind_id, resident_id, zone, recurrence, starts_on, start_minute, created_by, created_at)
		VALUES ($1, $2, $3, 'Asia/Shanghai', 'FREQ=WEEKLY;COUNT=1', '2026-03-13', 540, $4, $5)`, p.series, p.kind, p.resident, nurse.UserID, now)
	s.Exec(`UPDATE appointments SET series_id = $2, series_day = '2026-03-13' WHERE id = $1`, p.appointment, p.series)
	other := uuid.New() // who waits for one kind waits once
	s.Exec(`INSERT INTO appointment_kinds (id, organisation_id, name, place, minutes, step_minutes, horizon_days, booked_by, created_at)
		VALUES ($1, $2, '复诊', 'ONLINE', 30, 30, 60, $3, $4)`, other, hospital, all, now)
	s.Exec(`INSERT INTO waiting_list (id, kind_id, resident_id, resident_org_id, earliest, latest, status, created_by, created_at)
		VALUES ($1, $2, $3, $4, '2026-08-01', '2026-08-02', 'WAITING', $5, $6)`, p.waiting, other, p.resident, p.organisation, doctor.UserID, now)
	s.Exec(`INSERT INTO calendar_feeds (id, user_id, token_hash, created_at) VALUES ($1, $2, $3, $4)`, p.feed, nurse.UserID, p.feed[:], now)
}
