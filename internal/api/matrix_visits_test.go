package api_test

import (
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// atHome is what a family doctor has on the way to the residents of one side: a visit that was asked for, one that is booked with an open
// alarm, and a home bed that was applied for.
type atHome struct{ visit, booked, bed, alarm, visitPhoto uuid.UUID }

func visitRows() map[string]row {
	const doctor = "FAMILY_DOCTOR"
	visit := func(p place) uuid.UUID { return p.visit }
	booked := func(p place) uuid.UUID { return p.booked }
	bed := func(p place) uuid.UUID { return p.bed }
	today := day(2026, 3, 10)
	return map[string]row{
		"ListVisits": {query: "?states=ASSESSED&states=BOOKED"},
		"RequestVisit": {of: doctor, body: func(_ *site, p place) any {
			return contract.VisitRequest{ResidentId: p.family.patient, Kind: contract.NETNURSING, Source: "NURSE", Reason: "换药", WantedFrom: today, WantedTo: today}
		}},
		"BookHomeVisit": {not: doctor, object: signed, body: func(_ *site, p place) any {
			return contract.HomeVisitBooking{KindId: p.kind, PractitionerId: p.doctor, StartsAt: caretest.Start().AddDate(0, 0, 7), Reason: "复查"}
		}},
		"GetVisit":             {of: doctor, object: visit},
		"AssessVisit":          {of: doctor, object: visit, body: same(contract.VisitAssessment{Eligibility: []string{"AGED"}})},
		"BookVisit":            {of: "INST_ADMIN", by: "CENTRE", object: booked, body: func(_ *site, p place) any { return contract.VisitBooking{AppointmentId: p.atHomeAppointment} }},
		"StepVisit":            {of: doctor, object: booked, body: same(contract.VisitStep{Action: contract.VisitStepActionDEPART})},
		"SaveVisitRecord":      {of: doctor, object: booked, body: same(contract.VisitRecordInput{Content: contract.VisitRecordContent{Findings: new("平稳")}})},
		"SignForVisit":         {of: doctor, object: booked, body: same(contract.VisitSignature{Kind: "RESIDENT", Name: "某人", Png: caretest.Signature()})},
		"AddVisitPhoto":        {of: doctor, object: booked, body: func(*site, place) any { return photo() }},
		"SignVisit":            {of: doctor, object: booked, body: same(contract.SignVisitRequest{Password: caretest.Password})},
		"RaiseVisitAlarm":      {of: doctor, object: booked, body: same(contract.VisitAlarmInput{})},
		"ListVisitAlarms":      {},
		"StepVisitAlarm":       {of: "INST_ADMIN", by: "CENTRE", object: func(p place) uuid.UUID { return p.alarm }, body: same(contract.VisitAlarmStep{Action: "TAKE"})},
		"GetVisitRoute":        {of: doctor, query: "?day=2026-03-10"},
		"PlanVisitRoute":       {of: doctor, body: same(contract.VisitRouteRequest{Day: today})},
		"GetResidentHome":      {object: func(p place) uuid.UUID { return p.family.patient }},
		"SaveResidentHome":     {object: func(p place) uuid.UUID { return p.family.patient }, body: same(contract.ResidentHomeInput{Address: "新城区海东路1号"})},
		"GetOrganisationPlace": {of: doctor, object: func(p place) uuid.UUID { return p.centre }},
		"SaveOrganisationPlace": {of: "INST_ADMIN", by: "CENTRE", object: func(p place) uuid.UUID { return p.centre },
			body: same(contract.OrganisationPlace{Place: &contract.GeoPoint{Lon: 111.7, Lat: 40.8}})},
		"ListHomeBeds": {query: "?states=APPLIED&states=ACTIVE"},
		"ApplyForHomeBed": {of: doctor, body: func(_ *site, p place) any {
			return contract.HomeBedApplication{ResidentId: p.family.patient, DiagnosisCode: "I69.3", Reason: "卧床"}
		}},
		"GetHomeBed":  {of: doctor, object: bed},
		"StepHomeBed": {of: doctor, object: bed, body: same(contract.HomeBedStep{Action: "REJECT", Revision: 1, Words: new("不在服务区")})},
	}
}

// homeVisits makes the visits, the bed and the alarm. It stands on families.
func (s *site) homeVisits(p *place) {
	s.t.Helper()
	now, start := s.Clock.Now(), s.Clock.Now().Add(time.Hour)
	p.atHome = atHome{visit: uuid.New(), booked: uuid.New(), bed: uuid.New(), alarm: uuid.New()}
	p.centre, p.atHomeAppointment = p.family.doctor.Memberships[0].OrganisationID, uuid.New()
	kind := uuid.New()
	other := s.ResidentOf(p.organisation, "待访老人", "402-1", "FULL")
	s.Exec(`INSERT INTO appointment_kinds (id, organisation_id, name, place, minutes, step_minutes, horizon_days, booked_by, created_at)
		VALUES ($1, $2, '上门', 'HOME', 40, 10, 60, '{FAMILY_DOCTOR}', $3)`, kind, p.centre, now)
	for i, a := range []uuid.UUID{p.atHomeAppointment, uuid.New()} {
		at := start.Add(time.Duration(i) * 3 * time.Hour)
		s.Exec(`INSERT INTO appointments (id, organisation_id, resident_org_id, kind_id, resident_id, status, place, starts_at, ends_at, session, seat, capacity, free_until, booked_by, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, 'BOOKED', 'HOME', $6, $7, $1, 1, 1, $6, $8, $9, $9)`, a, p.centre, p.organisation, kind, p.family.patient, at, at.Add(40*time.Minute), p.family.doctor.UserID, now)
		s.Exec(`INSERT INTO appointment_staff (appointment_id, user_id, part, blocked_from, blocked_to, session, live) VALUES ($1, $2, 'LEAD', $3, $4, $1, true)`,
			a, p.family.doctor.UserID, at, at.Add(40*time.Minute))
	}
	insert := `INSERT INTO home_visits (id, number, kind, state, resident_id, resident_org_id, organisation_id, source, reason_enc, wanted_from, wanted_to, appointment_id, lead_id, starts_at, ends_at,
		created_by, created_at, updated_at) VALUES ($1, $2, 'HOME_VISIT', $3, $4, $5, $6, 'NURSE', $7, '2026-03-10', '2026-03-17', $8, $9, $10, $11, $12, $13, $13)`
	s.Exec(insert, p.visit, p.visit.String(), "REQUESTED", other, p.organisation, p.centre, s.Keeper.SealText("home_visits", "reason_enc", p.visit, "复查"), nil, nil, nil, nil, p.user, now)
	s.Exec(insert, p.booked, p.booked.String(), "BOOKED", p.family.patient, p.organisation, p.centre, s.Keeper.SealText("home_visits", "reason_enc", p.booked, "复查"), p.atHomeAppointment,
		p.family.doctor.UserID, start, start.Add(40*time.Minute), p.user, now)
	s.Exec(`INSERT INTO home_beds (id, number, resident_id, resident_org_id, organisation_id, state, reason_enc, applied_by, applied_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 'APPLIED', $6, $7, $8, $8)`, p.bed, p.bed.String(), other, p.organisation, p.centre, s.Keeper.SealText("home_beds", "reason_enc", p.bed, "卧床"), p.user, now)
	// A picture that was taken at the visit and shown in a consultation: everybody who may look at pictures sees this one.
	p.visitPhoto = uuid.New()
	s.Exec(`INSERT INTO blobs (key, content) VALUES ($1, $2)`, p.visitPhoto.String(), s.Keeper.Seal("blobs", "content", p.visitPhoto, photo()))
	s.Exec(`INSERT INTO attachments (id, organisation_id, resident_id, consultation_id, visit_id, kind, content_type, size, width, height, sha256, blob_key, created_by)
		VALUES ($1, $2, $3, $4, $5, 'PHOTO', 'image/jpeg', 1, 64, 48, $6, $7, $8)`, p.visitPhoto, p.organisation, p.resident, p.consultation, p.booked, p.visitPhoto[:], p.visitPhoto.String(), p.user)
	s.Exec(`INSERT INTO visit_alarms (id, visit_id, kind, raised_at) VALUES ($1, $2, 'SOS', $3)`, p.alarm, p.booked, now)
}

// calledFromHome are the operations that somebody who visits may call on a consultation that was asked for from the home, and on what belongs to it.
func calledFromHome() []string {
	return []string{"GetConsultation", "GetServices", "GetCountability", "ProveRecord", "GetRecordEvidence", "PrintRecord", "UpdateRequest", "AddVitals", "AddPhoto", "GiveConsent",
		"SendConsentCode", "WithdrawConsent", "AddDocument", "GetCaseCareFile", "SubmitConsultation", "LogEmergencyStep", "ListMessages", "SendMessage", "GetApplication",
		"SaveApplication", "GetTicket", "OfferAgain", "CloseConsultation", "CancelConsultation", "AdoptReport", "CheckSecondFactor", "ListCheckIns", "CheckIn", "CheckOut", "AddEvidence",
		"ConfirmReadBack", "ReadBackAdvice", "CompleteAdvice", "CompleteFollowUp", "CreateReferral", "ListReferralPlaces", "StepReferral", "RateConsultation", "CreateRatingLink"}
}

// callFromHome makes the place's consultations such as its family doctor asked for from a home.
func (s *site) callFromHome(p place) {
	s.t.Helper()
	for _, c := range []uuid.UUID{p.consultation, p.signed.Id} {
		s.Exec(`UPDATE consultations SET inviting_org_id = $2, visitors = ARRAY[$3::uuid] WHERE id = $1`, c, p.centre, p.family.doctor.UserID)
		s.Exec(`INSERT INTO visit_consultations (consultation_id, visit_id) VALUES ($1, $2)`, c, p.booked)
	}
}
