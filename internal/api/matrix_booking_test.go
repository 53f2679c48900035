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
	kind, doctor, appointment, held, rule, exception uuid.UUID
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
		"FindSlots":                   {query: "?kindId={kind}&" + period},
		"ListAppointments":            {query: "?" + period},
		"BookAppointment": {body: func(_ *site, p place) any {
			return contract.AppointmentInput{KindId: p.kind, PractitionerId: p.doctor, ResidentId: p.resident, StartsAt: caretest.Start().AddDate(0, 0, 7)}
		}},
		"GetAppointment":           {object: appointment},
		"ConfirmAppointment":       {object: func(p place) uuid.UUID { return p.held }},
		"RescheduleAppointment":    {object: appointment, body: same(contract.RescheduleInput{Revision: 1, StartsAt: caretest.Start().AddDate(0, 0, 8)})},
		"CancelAppointment":        {object: appointment, body: same(contract.CancelAppointmentInput{Revision: 1, Reason: "UNWELL"})},
		"RecordAppointmentOutcome": {object: appointment, body: same(contract.AppointmentOutcome{Revision: 1, Outcome: "ARRIVED"})},
	}
}

func appointment(p place) uuid.UUID { return p.appointment }

// bookings makes a kind at the doctor's hospital, hours of the doctor, and two appointments of the resident with the doctor.
func (s *site) bookings(p *place, nurse, doctor identity.Actor) {
	s.t.Helper()
	hospital, now, all := doctor.Memberships[0].OrganisationID, s.Clock.Now(), []string{"NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER", "INST_ADMIN"}
	p.bookable = bookable{kind: uuid.New(), doctor: doctor.UserID, appointment: uuid.New(), held: uuid.New(), rule: uuid.New(), exception: uuid.New()}
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
}
