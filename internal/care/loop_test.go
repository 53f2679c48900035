package care_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// called is a consultation after its call, with a signed report.
func called(w *caretest.World) contract.Consultation {
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	w.Connect(w.Nurse, w.Wang, c).Talk(3 * time.Minute)
	return w.Sign(w.Wang, c, w.Content())
}

// The closed loop: the doctor refers, the hospital answers and acknowledges, the institution has the resident back.
func TestReferralLoop(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := called(w)
	green := contract.ReferralInputGreenChannel("BED")
	in := contract.ReferralInput{Direction: "UP", DepartmentCode: text("0304"), Reason: "心衰加重，需住院", GreenChannel: &green}
	_, err := w.Care.CreateReferral(ctx, w.Zhao, uuid.New(), c.Id, in)
	if code := problem.Of(err).Code; code != "forbidden" && code != "not_found" {
		t.Errorf("a doctor who does not hold the case: %v", err)
	}
	cmd := uuid.New()
	r := must(w.Care.CreateReferral(ctx, w.Wang, cmd, c.Id, in))(t)
	is(t, "again", must(w.Care.CreateReferral(ctx, w.Wang, cmd, c.Id, in))(t).Id, r.Id)
	is(t, "to", r.To, "青城医院")
	_, err = w.Care.CreateReferral(ctx, w.Nurse, uuid.New(), c.Id, in)
	if path, code := fieldOf(t, err); path != "direction" || code != "referral_open" {
		t.Errorf("%s %s", path, code)
	}
	step := func(who identity.Actor, action, words string) (contract.Referral, error) {
		return w.Care.StepReferral(ctx, who, uuid.New(), r.Id, contract.ReferralStepInput{Action: action, Words: &words})
	}
	_, err = step(w.Nurse, "ACCEPT", "")
	refused(t, err, "referral_side")
	_, err = step(w.StrangerNurse, "ACCEPT", "")
	refused(t, err, "not_found")
	seen := must(step(w.Desk, "ACCEPT", ""))(t)
	is(t, "the dispatcher sees a masked name", seen.ResidentName, "张**")
	if seen.Reason != nil {
		t.Errorf("the dispatcher reads %q", *seen.Reason)
	}
	w.Clock.Pass(time.Hour)
	must(step(w.HospitalAdmin, "GREEN_MET", "已安排心内科床位"))(t)
	_, err = step(w.HospitalAdmin, "GREEN_MET", "")
	refused(t, err, "already_done")
	// The record is sealed meanwhile (封存): care goes on where the resident is, and the steps stand with the referral alone.
	w.Exec(`UPDATE consultations SET state = 'SEALED' WHERE id = $1`, c.Id)
	before := w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1`, c.Id)
	must(step(w.Desk, "ARRIVE", ""))(t)
	is(t, "events of the sealed record", w.Count(`SELECT count(*) FROM consultation_events WHERE consultation_id = $1`, c.Id), before)
	is(t, "steps meanwhile", w.Count(`SELECT count(*) FROM referral_steps WHERE step = 'ARRIVE'`), 1)
	_, err = w.Care.CreateReferral(ctx, w.Nurse, uuid.New(), c.Id, contract.ReferralInput{Direction: "LATERAL", ToName: text("某医院"), Reason: "检查"})
	refused(t, err, "record_sealed")
	w.Exec(`UPDATE consultations SET state = 'REPORTED' WHERE id = $1`, c.Id)
	_, err = step(w.Desk, "CLOSE", "")
	refused(t, err, "reason_required")
	must(step(w.Zhao, "CLOSE", "利尿后好转，建议随访"))(t) // of the department that it was referred to
	done := must(step(w.Nurse, "RETURN", ""))(t)
	is(t, "state", done.State, "RETURNED")
	is(t, "steps", len(done.Steps), 6)
	is(t, "the bedside reads the outcome", *done.Outcome, "利尿后好转，建议随访")
	is(t, "open", len(done.Actions), 0)
	is(t, "times", w.Count(`SELECT count(*) FROM referrals WHERE accepted_at <= green_met_at AND green_met_at <= arrived_at AND arrived_at <= closed_at AND closed_at <= returned_at`), 1)
	if event(must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t), "REFERRAL_STEP") == nil {
		t.Error("the record does not know of the steps")
	}

	// What the patient declines is nobody's failure, and is late after seven days until then.
	down := must(w.Care.CreateReferral(ctx, w.Wang, uuid.New(), c.Id, contract.ReferralInput{Direction: "DOWN", Reason: "回院康复"}))(t)
	is(t, "from", down.From, "青城医院")
	w.Clock.Pass(8 * 24 * time.Hour)
	list := must(w.Care.ListReferrals(ctx, w.Nurse, contract.ListReferralsParams{}))(t)
	is(t, "late", list[0].Late, true)
	is(t, "elsewhere", len(must(w.Care.ListReferrals(ctx, w.StrangerNurse, contract.ListReferralsParams{}))(t)), 0)
	must(w.Care.StepReferral(ctx, w.Nurse, uuid.New(), down.Id, contract.ReferralStepInput{Action: "DECLINED_BY_PATIENT"}))(t)
	is(t, "declined", w.Count(`SELECT count(*) FROM referrals WHERE refused_by_patient AND state = 'REFUSED'`), 1)
}

func TestRatings(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	waiting := w.Draft(w.Nurse, w.Second)
	_, err := w.Care.RateConsultation(ctx, w.Nurse, uuid.New(), waiting.Id, contract.RatingInput{Rater: "RESIDENT", Score: 5})
	refused(t, err, "rating_not_now")
	c := called(w)
	must(w.Care.RateConsultation(ctx, w.Nurse, uuid.New(), c.Id, contract.RatingInput{Rater: "RESIDENT", Score: 5, Comment: text("医生很耐心")}))(t)
	_, err = w.Care.RateConsultation(ctx, w.Nurse, uuid.New(), c.Id, contract.RatingInput{Rater: "RESIDENT", Score: 1})
	refused(t, err, "already_rated")

	link := must(w.Care.CreateRatingLink(ctx, w.Nurse, uuid.New(), c.Id, contract.EmptyRequest{}))(t)
	is(t, "the token lies open", w.Count(`SELECT count(*) FROM rating_links WHERE position($1::bytea IN token_hash) > 0`, []byte(link.Token)), 0)
	_, err = w.Care.ExchangeRatingLink(ctx, contract.RatingToken{Token: strings.Repeat("A", 43)})
	refused(t, err, "link_over")
	ticket := must(w.Care.ExchangeRatingLink(ctx, contract.RatingToken{Token: link.Token}))(t)
	is(t, "shown", ticket.Institution, "阳光颐养院")
	_, err = w.Care.ExchangeRatingLink(ctx, contract.RatingToken{Token: link.Token})
	refused(t, err, "link_over")
	if err := w.Care.RateByLink(ctx, contract.LinkRating{Ticket: link.Token, Score: 4}); problem.Of(err).Code != "link_over" {
		t.Errorf("the link's token as a ticket: %v", err)
	}
	if err := w.Care.RateByLink(ctx, contract.LinkRating{Ticket: ticket.Ticket, Score: 4}); err != nil {
		t.Fatal(err)
	}
	if err := w.Care.RateByLink(ctx, contract.LinkRating{Ticket: ticket.Ticket, Score: 4}); problem.Of(err).Code != "link_over" {
		t.Errorf("a ticket twice: %v", err)
	}
	late := must(w.Care.CreateRatingLink(ctx, w.Nurse, uuid.New(), c.Id, contract.EmptyRequest{}))(t)
	w.Clock.Pass(8 * 24 * time.Hour)
	_, err = w.Care.ExchangeRatingLink(ctx, contract.RatingToken{Token: late.Token})
	refused(t, err, "link_over")
	ratings := *must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t).Ratings
	is(t, "ratings", len(ratings), 2)
	is(t, "the words", *ratings[0].Comment, "医生很耐心")
	for _, r := range *must(w.Care.GetConsultation(ctx, w.HomeAdmin, c.Id))(t).Ratings {
		if r.Comment != nil {
			t.Error("an administrator reads the words")
		}
	}
}

// Deadlines count working days, make-up days included, and say when a year is not known yet.
func TestComplaints(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	w.Clock.Pass(time.Date(2026, 9, 30, 2, 0, 0, 0, time.UTC).Sub(w.Clock.Now()))
	in := contract.ComplaintInput{Complainant: "FAMILY", Name: text("张建国"), Contact: text("13800138000"), Category: "WAITING", Content: "等候太久"}
	one := must(w.Care.CreateComplaint(ctx, w.Nurse, uuid.New(), in))(t)
	is(t, "due", one.DueOn.Format("2006-01-02"), "2026-10-13") // the holidays are off, Saturday the 10th is worked
	is(t, "left", *one.WorkingDaysLeft, 5)
	is(t, "known", one.CalendarKnown, true)
	in.SeveralDepartments = new(true)
	is(t, "several", must(w.Care.CreateComplaint(ctx, w.Nurse, uuid.New(), in))(t).DueOn.Format("2006-01-02"), "2026-10-20")
	officer := w.User("complaints", "投诉专员", "COMPLAINT_OFFICER", w.Home)
	_, err := w.Care.CloseComplaint(ctx, w.HospitalAdmin, uuid.New(), one.Id, contract.ComplaintClosing{Resolution: "已解释", Finding: "FOUNDED"})
	refused(t, err, "not_found")
	w.Clock.Pass(14 * 24 * time.Hour)
	list := must(w.Care.ListComplaints(ctx, officer))(t)
	is(t, "late", list[0].Late, true)
	is(t, "left", *list[0].WorkingDaysLeft, -1)
	closed := must(w.Care.CloseComplaint(ctx, officer, uuid.New(), one.Id, contract.ComplaintClosing{Resolution: "已解释并调整排班", Finding: "FOUNDED"}))(t)
	is(t, "closed late", closed.Late, true)
	_, err = w.Care.CloseComplaint(ctx, officer, uuid.New(), one.Id, contract.ComplaintClosing{Resolution: "再次", Finding: "FOUNDED"})
	refused(t, err, "already_done")

	w.Clock.Pass(time.Date(2026, 12, 30, 2, 0, 0, 0, time.UTC).Sub(w.Clock.Now()))
	in.SeveralDepartments = nil
	next := must(w.Care.CreateComplaint(ctx, w.Nurse, uuid.New(), in))(t)
	is(t, "the next year is not known", next.CalendarKnown, false)
	day := func(s string) openapi_types.Date {
		at, err := time.Parse("2006-01-02", s)
		if err != nil {
			t.Fatal(err)
		}
		return openapi_types.Date{Time: at}
	}
	year := contract.WorkdayInput{Year: 2027, Days: []contract.Workday{{Date: day("2027-01-01"), Name: "元旦", IsOffDay: true}, {Date: day("2027-01-03"), Name: "元旦调休", IsOffDay: false}}}
	must(w.Care.SetWorkdays(ctx, w.Sys, year))(t)
	is(t, "due by the calendar", must(w.Care.CreateComplaint(ctx, w.Nurse, uuid.New(), in))(t).DueOn.Format("2006-01-02"), "2027-01-06")
	year.Days[0].Date = day("2026-01-01")
	_, err = w.Care.SetWorkdays(ctx, w.Sys, year)
	if path, code := fieldOf(t, err); path != "days/0/date" || code != "workday_other_year" {
		t.Errorf("%s %s", path, code)
	}
}

func TestSafety(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	in := contract.AdverseEventInput{Type: "FALL", Grade: "II", OccurredAt: w.Clock.Now().Add(-25 * time.Hour), Description: "夜间跌倒，左髋疼痛", ResidentId: &w.Resident}
	made := must(w.Care.ReportAdverseEvent(ctx, w.Nurse, uuid.New(), in))(t)
	is(t, "in time", made.InTime, false)
	in.OccurredAt = w.Clock.Now().Add(-24 * time.Hour)
	is(t, "in time", must(w.Care.ReportAdverseEvent(ctx, w.Nurse, uuid.New(), in))(t).InTime, true)
	in.ResidentId = &w.StrangersResident
	_, err := w.Care.ReportAdverseEvent(ctx, w.Nurse, uuid.New(), in)
	if path, code := fieldOf(t, err); path != "residentId" || code != "wrong_value" {
		t.Errorf("%s %s", path, code)
	}
	qc := w.User("qc.home", "质控", "QC", w.Home)
	is(t, "masked for QC", *must(w.Care.ListAdverseEvents(ctx, qc))(t)[0].ResidentName, "张**")
	must(w.Care.ReviewAdverseEvent(ctx, qc, uuid.New(), made.Id, contract.ReasonText{Reason: "夜灯不足，已加装"}))(t)
	_, err = w.Care.ReviewAdverseEvent(ctx, qc, uuid.New(), made.Id, contract.ReasonText{Reason: "再次"})
	refused(t, err, "already_done")

	s := must(w.Care.NoteSuspicion(ctx, w.Nurse, uuid.New(), contract.SuspicionInput{ResidentId: w.Resident, Signs: []string{"FEVER_COUGH", "OUTBREAK"}}))(t)
	is(t, "two hours", s.DueAt.Sub(s.SuspectedAt), 2*time.Hour)
	_, err = w.Care.ResolveSuspicion(ctx, w.Nurse, uuid.New(), s.Id, contract.SuspicionResolution{State: "REPORTED"})
	if path, _ := fieldOf(t, err); path != "receipt" {
		t.Error(path)
	}
	w.Clock.Pass(3 * time.Hour)
	s = must(w.Care.ResolveSuspicion(ctx, w.Nurse, uuid.New(), s.Id, contract.SuspicionResolution{State: "REPORTED", Receipt: text("150102-0001")}))(t)
	is(t, "late", s.Late, true)
	_, err = w.Care.NoteSuspicion(ctx, w.PureNurse, uuid.New(), contract.SuspicionInput{ResidentId: w.Resident, Signs: []string{"OTHER"}})
	refused(t, err, "not_found")
}

func TestQualityReview(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := called(w)
	qc := w.User("qc.he", "质控医师", "QC", w.Hospital)
	period := contract.ReportSampleInput{From: openapi_types.Date{Time: caretest.Start()}, To: openapi_types.Date{Time: caretest.Start()}, Count: 5, Seed: new(int64(7))}
	list := must(w.Care.SampleReports(ctx, qc, uuid.New(), period))(t)
	is(t, "drawn", len(list), 1)
	is(t, "of", list[0].Serial, c.Serial)
	is(t, "the report", *list[0].Content.Outcome, "ADJUST")
	_, err := w.Care.SampleReports(ctx, qc, uuid.New(), period)
	refused(t, err, "nothing_to_sample")
	for _, r := range must(w.Care.ListQualityReviews(ctx, w.HospitalAdmin))(t) {
		if r.Content != nil {
			t.Error("an administrator reads the report")
		}
	}
	marks := contract.QualityMarks{Scores: map[string]int{"IDENTITY": 10}}
	_, err = w.Care.MarkReport(ctx, qc, uuid.New(), list[0].Id, marks)
	if path, code := fieldOf(t, err); path != "scores" || code != "sheet_incomplete" {
		t.Errorf("%s %s", path, code)
	}
	marks.Scores = map[string]int{"IDENTITY": 10, "HISTORY": 10, "ASSESSMENT": 15, "DIAGNOSIS": 15, "ADVICE": 20, "LIMITS": 5, "FOLLOW_UP": 5, "TIMELINESS": 5}
	done := must(w.Care.MarkReport(ctx, qc, uuid.New(), list[0].Id, marks))(t)
	is(t, "total", *done.Total, 85)
	is(t, "passed", *done.Passed, true)
	other := w.User("qc.far", "外院质控", "QC", w.OtherHospital)
	_, err = w.Care.MarkReport(ctx, other, uuid.New(), list[0].Id, marks)
	refused(t, err, "not_found")
}
