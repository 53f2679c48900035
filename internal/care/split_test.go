package care_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// NC14: one service that was split into several counts once, whatever is diagnosed each time. What made the second one is found in the records: a
// follow-up that was entered, or an appointment that was booked, in the wrap-up of the first. Another one of the day without such a link counts.
func TestASplitServiceCountsOnce(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	w.Identify(w.Resident)
	videoCounts(t, w)
	w.Clock.Pass(caretest.Start().AddDate(0, 9, 0).Sub(w.Clock.Now())) // the rules of 2026-11 are in force
	w.Exec(`UPDATE duty_shifts SET ends_at = ends_at + interval '1 year'`)
	finish := func(code, diagnosis string) uuid.UUID {
		t.Helper()
		c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
		talk := w.Connect(w.Nurse, w.Wang, c)
		talk.Join(w.Attending, c)
		talk.Talk(4 * time.Minute)
		content := w.Content()
		confirmed := contract.DiagnosisCertainty("CONFIRMED")
		content.Diagnoses = &[]contract.Diagnosis{{Code: &code, Text: diagnosis, Certainty: &confirmed}}
		c = w.Sign(w.Wang, must(w.Care.GetConsultation(t.Context(), w.Wang, c.Id))(t), content)
		w.Adopt(w.Attending, c)
		w.Clock.Pass(time.Hour)
		return c.Id
	}
	first := finish("I10", "原发性高血压")
	second := finish("E11.9", "2型糖尿病")
	is(t, "the first counts", rules(answer(t, w, w.HomeAdmin, first)), "")
	is(t, "another illness of the day counts", rules(answer(t, w, w.HomeAdmin, second)), "")

	w.Exec(`UPDATE follow_ups SET due_on = $2 WHERE consultation_id = $1`, second, w.Clock.Now())
	third := finish("J44.9", "慢性阻塞性肺疾病")
	a := answer(t, w, w.HomeAdmin, third)
	is(t, "the follow-up of the same day does not", rules(a), "NC14")
	is(t, "in words", a.Failed[0].Message, "由LZ20261210-0002约出或在同一次通话中拆出，24小时内同一老人同一科室只计最早一次")

	kind, booked := uuid.New(), uuid.New()
	w.Exec(`INSERT INTO appointment_kinds (id, organisation_id, name, place, minutes, step_minutes, horizon_days, booked_by, created_at) VALUES ($1, $2, '视频复诊', 'ONLINE', 20, 20, 30, '{NURSE}', $3)`,
		kind, w.Hospital, w.Clock.Now())
	w.Exec(`INSERT INTO appointments (id, organisation_id, resident_org_id, kind_id, resident_id, status, place, starts_at, ends_at, session, seat, capacity, consultation_id, free_until, booked_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 'BOOKED', 'ONLINE', $6, $7, $1, 1, 1, $8, $6, $9, $6, $6)`, booked, w.Hospital, w.Home, kind, w.Resident, w.Clock.Now(), w.Clock.Now().Add(20*time.Minute), first, w.Wang.UserID)
	w.Exec(`INSERT INTO appointment_staff (appointment_id, user_id, part, blocked_from, blocked_to, session, live) VALUES ($1, $2, 'LEAD', $3, $4, $1, true)`,
		booked, w.Wang.UserID, w.Clock.Now(), w.Clock.Now().Add(20*time.Minute))
	w.Exec(`UPDATE follow_ups SET state = 'CANCELLED'`)
	fourth := finish("M54.5", "下背痛")
	is(t, "nor what was booked in a wrap-up", rules(answer(t, w, w.HomeAdmin, fourth)), "NC14")
}
