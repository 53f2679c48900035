package care_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/care"
	"github.com/lianzhen-health/lianzhen/internal/care/caretest"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
)

func answerOffer(w *caretest.World, who identity.Actor, c contract.Consultation, epoch int64, what contract.HandOverAnswerAnswer) (contract.Consultation, error) {
	return w.Care.AnswerHandOver(w.T.Context(), who, uuid.New(), c.Id, contract.HandOverAnswer{Epoch: epoch, Answer: what})
}

// A doctor in a call gives the consultation to a colleague of another department: the colleague accepts, the epoch rises, the call
// goes on, the bedside sees it, and the colleague signs what both of them wrote.
func TestHandOverInTheCall(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	talk := w.Connect(w.Nurse, w.Wang, c)
	talk.Talk(3 * time.Minute)
	content := w.Content()
	content.Note = text("只给自己看")
	must(w.Care.SaveReportDraft(ctx, w.Wang, c.Id, contract.ReportDraftInput{Epoch: c.Epoch, Content: content}))(t)

	colleagues := must(w.Care.ListColleagues(ctx, w.Wang, c.Id))(t)
	if slices.ContainsFunc(colleagues, func(d contract.Colleague) bool { return d.Id == w.Wang.UserID }) ||
		!slices.ContainsFunc(colleagues, func(d contract.Colleague) bool { return d.Id == w.Zhao.UserID && len(d.Departments) > 0 }) {
		t.Fatalf("colleagues %+v", colleagues)
	}
	_, err := w.Care.ListColleagues(ctx, w.Zhao, c.Id)
	if err == nil {
		t.Error("somebody else sees to whom it may be given")
	}
	in := contract.HandOverRequest{Epoch: c.Epoch, DoctorId: w.Zhao.UserID, Reason: "SPECIALTY", Note: text("疑似心衰")}
	stale := in
	stale.Epoch--
	_, err = w.Care.OfferHandOver(ctx, w.Wang, uuid.New(), c.Id, stale)
	refused(t, err, "epoch_stale")
	stranger := in
	stranger.DoctorId = w.Nurse.UserID
	_, err = w.Care.OfferHandOver(ctx, w.Wang, uuid.New(), c.Id, stranger)
	if path, code := fieldOf(t, err); path != "doctorId" || code != "not_in_role_here" {
		t.Errorf("%s %s", path, code)
	}
	offered := must(w.Care.OfferHandOver(ctx, w.Wang, uuid.New(), c.Id, in))(t)
	is(t, "nothing moved", offered.Epoch, c.Epoch)
	is(t, "mine still", offered.Mine, true)
	_, err = w.Care.OfferHandOver(ctx, w.Wang, uuid.New(), c.Id, in)
	refused(t, err, "hand_over_pending")
	is(t, "told", w.Count(`SELECT count(*) FROM outbox WHERE topic = 'consultation.handover' AND payload->'to'->'users' ? $1`, w.Zhao.UserID.String()), 1)
	is(t, "pushed", w.Count(`SELECT count(*) FROM notifications WHERE event = 'HAND_OVER' AND $1 = ANY (users)
		AND notification_live(event, subject_id, epoch, $1) AND NOT notification_live(event, subject_id, epoch, $2)`, w.Zhao.UserID, w.Wang.UserID), 1)

	queue := must(w.Care.GetQueue(ctx, w.Zhao))(t)
	if queue.HandOvers == nil || (*queue.HandOvers)[0].ConsultationId != c.Id || *(*queue.HandOvers)[0].Note != "疑似心衰" || (*queue.HandOvers)[0].Resident.Name != "张**" {
		t.Fatalf("%+v", queue.HandOvers)
	}
	seen := must(w.Care.GetConsultation(ctx, w.Zhao, c.Id))(t)
	if !seen.HandOver.ToMe || !seen.Resident.Masked || seen.ReportDraft != nil || !slices.Contains(seen.Actions, "answerHandOver") {
		t.Errorf("the colleague sees %+v, masked %v, draft %v", seen.HandOver, seen.Resident.Masked, seen.ReportDraft)
	}
	_, err = answerOffer(w, w.Zhao, c, c.Epoch, "WITHDRAW")
	refused(t, err, "forbidden")
	_, err = answerOffer(w, w.Wang, c, c.Epoch, "ACCEPT")
	refused(t, err, "forbidden")

	taken := must(answerOffer(w, w.Zhao, c, c.Epoch, "ACCEPT"))(t)
	is(t, "state", taken.State, "IN_PROGRESS")
	is(t, "epoch", taken.Epoch, c.Epoch+1)
	is(t, "doctor", taken.Doctor.Id, w.Zhao.UserID)
	is(t, "the call goes on", *taken.CallId, talk.Call)
	is(t, "accepted when it was", taken.AcceptedAt.Equal(*c.AcceptedAt), true)
	if taken.ReportDraft == nil || *taken.ReportDraft.Content.Assessment != *content.Assessment || taken.ReportDraft.Content.Note != nil {
		t.Fatalf("the draft is %+v", taken.ReportDraft)
	}
	// The former doctor's commands and tickets are void; the bedside sees who has it now.
	_, err = w.Care.FinishConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochRequest{Epoch: c.Epoch})
	refused(t, err, "epoch_stale")
	_, err = w.Care.GetTicket(ctx, w.Wang, c.Id, contract.TicketRequest{Epoch: &c.Epoch})
	refused(t, err, "epoch_stale")
	_, err = answerOffer(w, w.Zhao, c, c.Epoch, "ACCEPT")
	refused(t, err, "hand_over_gone")
	nurse := must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t)
	is(t, "the nurse reads", nurse.HandOver.To, w.Zhao.Name)
	is(t, "without the note", nurse.HandOver.Note == nil, true)
	if e := event(nurse, "HAND_OVER"); e == nil || e.Epoch != c.Epoch+1 || *e.Actor != w.Zhao.Name {
		t.Errorf("the record says %+v", e)
	}
	// 医师法 24: who has not been in the call does not sign; having been, the colleague signs what was written.
	sign := contract.SignReportRequest{Epoch: taken.Epoch, Revision: taken.ReportDraft.Revision, Password: caretest.Password}
	_, err = w.Care.SignReport(ctx, w.Zhao, uuid.New(), c.Id, sign)
	refused(t, err, "report_without_presence")
	ticket := must(w.Care.GetTicket(ctx, w.Zhao, c.Id, contract.TicketRequest{Epoch: &taken.Epoch}))(t)
	is(t, "the same call", ticket.CallId, talk.Call)
	if err := w.Care.MediaPresence(ctx, []care.MediaInterval{{ID: uuid.New(), Call: talk.Call, Participant: ticket.ParticipantId, Kind: "media", Start: w.Clock.Now(), LastSeen: w.Clock.Now(), AudioBytes: 4000}}); err != nil {
		t.Fatal(err)
	}
	signed := must(w.Care.SignReport(ctx, w.Zhao, uuid.New(), c.Id, sign))(t)
	is(t, "author", signed.Reports[0].Author.Id, w.Zhao.UserID)
}

// What is not accepted changes nothing; an offer is void when its grant ends; a busy colleague cannot accept.
func TestHandOverThatComesToNothing(t *testing.T) {
	t.Parallel()
	w := caretest.New(t)
	ctx := t.Context()
	c := w.Claim(w.Wang, w.Offered(w.Nurse, w.Resident))
	offer := func(c contract.Consultation) contract.Consultation {
		return must(w.Care.OfferHandOver(ctx, w.Wang, uuid.New(), c.Id, contract.HandOverRequest{Epoch: c.Epoch, DoctorId: w.Zhao.UserID, Reason: "SHIFT_END"}))(t)
	}
	offer(c)
	must(answerOffer(w, w.Zhao, c, c.Epoch, "DECLINE"))(t)
	got := must(w.Care.GetConsultation(ctx, w.Wang, c.Id))(t)
	is(t, "declined", got.HandOver.Result, "DECLINED")
	is(t, "epoch", got.Epoch, c.Epoch)
	offer(c)
	must(answerOffer(w, w.Wang, c, c.Epoch, "WITHDRAW"))(t)
	_, err := answerOffer(w, w.Zhao, c, c.Epoch, "ACCEPT")
	refused(t, err, "hand_over_gone")

	offer(c)
	other := w.Offered(w.Nurse, w.Second)
	w.Exec(`INSERT INTO audience (consultation_id, department_id, since) SELECT $1, m.department_id, $2 FROM memberships m WHERE m.user_id = $3 AND m.department_id IS NOT NULL ON CONFLICT DO NOTHING`,
		other.Id, w.Clock.Now(), w.Zhao.UserID)
	w.Claim(w.Zhao, other)
	_, err = answerOffer(w, w.Zhao, c, c.Epoch, "ACCEPT")
	refused(t, err, "doctor_busy")

	released := must(w.Care.ReleaseConsultation(ctx, w.Wang, uuid.New(), c.Id, contract.EpochReasonRequest{Epoch: c.Epoch, Reason: "OTHER"}))(t)
	is(t, "void with the grant", released.HandOver.Result, "WITHDRAWN")
	is(t, "asked no more", must(w.Care.GetQueue(ctx, w.Zhao))(t).HandOvers == nil, true)
	again := w.Claim(w.Wang, must(w.Care.GetConsultation(ctx, w.Nurse, c.Id))(t))
	offer(again) // the old offer is not in the way
}
