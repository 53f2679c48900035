package care

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/notify"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// Giving a consultation to a colleague (交接). The doctor who holds it asks a named colleague; until that one accepts nothing
// changes, so that a resident is never in nobody's hands. An offer is of one grant: when this ends in any other way the offer is
// void, whatever its row says.

// handableOver says that a consultation can be given to a colleague now.
func handableOver(c db.Consultation) bool { return can(c, consult.ActHandOver, consult.RoleConsultant) }

// pendingHandOver is the offer that waits for an answer under the present grant, nil when there is none.
func pendingHandOver(ctx context.Context, q *db.Queries, c db.Consultation) (*db.HandOver, error) {
	row, err := q.PendingHandOver(ctx, c.ID)
	if store.IsNone(err) || err == nil && (row.Epoch != c.Epoch || !handableOver(c)) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	return &row, nil
}

// colleagues are the doctors who may answer for a department of the hospital that the consultation is in, without its doctor.
func (s *Service) colleagues(ctx context.Context, q *db.Queries, c db.Consultation, alone *uuid.UUID, now time.Time) ([]doctorNow, error) {
	if c.InvitedOrgID == nil {
		return nil, nil
	}
	list, err := q.HospitalDepartments(ctx, []uuid.UUID{*c.InvitedOrgID})
	if err != nil {
		return nil, fmt.Errorf("departments: %w", err)
	}
	departments := make([]uuid.UUID, len(list))
	for i, d := range list {
		departments[i] = d.ID
	}
	doctors, err := s.askDoctors(ctx, q, db.EligibleDoctorsParams{Departments: departments, Now: now, Day: consult.DateOf(now).Time(), Alone: alone})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(doctors, func(d doctorNow) bool { return c.DoctorID != nil && d.id == *c.DoctorID }), nil
}

// ListColleagues gives who holds a consultation the doctors to whom it may be given: free ones who are there first.
func (s *Service) ListColleagues(ctx context.Context, a identity.Actor, id uuid.UUID) ([]contract.Colleague, error) {
	if err := require(a, RoleConsultant); err != nil {
		return nil, err
	}
	q := s.st.Q()
	now, err := s.clock(ctx, q)
	if err != nil {
		return nil, err
	}
	c, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return nil, err
	}
	if !v.holder {
		return nil, problem.Forbidden()
	}
	doctors, err := s.colleagues(ctx, q, c, nil, now)
	if err != nil {
		return nil, err
	}
	rank := func(d doctorNow) int {
		switch {
		case d.free():
			return 0
		case d.here():
			return 1
		case d.onDuty:
			return 2
		}
		return 3
	}
	slices.SortStableFunc(doctors, func(x, y doctorNow) int { return cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.name, y.name)) })
	var ids, wards []uuid.UUID
	for _, d := range doctors {
		ids, wards = append(ids, d.id), append(wards, d.departments...)
	}
	people, err := q.CasePeople(ctx, db.CasePeopleParams{Ids: ids, Day: consult.DateOf(now).Time()})
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	places, err := q.DepartmentsByID(ctx, wards)
	if err != nil {
		return nil, fmt.Errorf("departments: %w", err)
	}
	out := make([]contract.Colleague, len(doctors))
	for i, d := range doctors {
		out[i] = contract.Colleague{Id: d.id, Name: d.name, Available: d.here(), Busy: d.busy, Departments: []string{}}
		for _, p := range people {
			if p.ID == d.id {
				out[i].Title = titleOf(a, p.TitleCode)
			}
		}
		for _, p := range places {
			if slices.Contains(d.departments, p.ID) {
				out[i].Departments = append(out[i].Departments, p.Name)
			}
		}
	}
	return out, nil
}

// OfferHandOver asks a colleague to take a consultation over, with a reason; one offer at a time. Errors: 409 epoch_stale,
// transition_not_allowed and hand_over_pending; 422 for a doctor who may not answer for this hospital.
func (s *Service) OfferHandOver(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.HandOverRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkReason(consult.VocabHandOver, in.Reason, in.Note); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "offerHandOver", id, in, hospital, func(ch *change) error {
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if !handableOver(ch.c) {
			return ch.conflict(ctx, consult.CodeTransition, problem.Args{"state": ch.c.State, "action": string(consult.ActHandOver)})
		}
		pending, err := pendingHandOver(ctx, ch.q, ch.c)
		if err != nil {
			return err
		}
		if pending != nil {
			return ch.conflict(ctx, "hand_over_pending", nil)
		}
		return s.offerHandOver(ctx, ch, a, in)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

func (s *Service) offerHandOver(ctx context.Context, ch *change, a identity.Actor, in contract.HandOverRequest) error {
	list, err := s.colleagues(ctx, ch.q, ch.c, &in.DoctorId, ch.now)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return problem.Invalid(problem.Field{Path: "doctorId", Code: "not_in_role_here"})
	}
	if err := ch.q.EndHandOvers(ctx, db.EndHandOversParams{ConsultationID: ch.c.ID, Now: &ch.now}); err != nil { // of an earlier grant
		return fmt.Errorf("hand over: %w", err)
	}
	row := newID()
	if err := ch.q.OfferHandOver(ctx, db.OfferHandOverParams{ID: row, ConsultationID: ch.c.ID, Epoch: ch.c.Epoch, FromDoctor: a.UserID, ToDoctor: in.DoctorId,
		Reason: in.Reason, NoteEnc: s.sealText("hand_overs", "note_enc", row, value(in.Note)), Now: ch.now}); err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	if err := ch.alert(ctx, notify.HandOver, []uuid.UUID{in.DoctorId}, list[0].here()); err != nil {
		return err
	}
	ch.touch("state")
	ch.tell("consultation.handover", store.Audience{Users: []uuid.UUID{in.DoctorId}}, handOverAsked{ConsultationID: ch.c.ID, Epoch: ch.c.Epoch,
		Urgency: ch.c.Urgency, From: a.Name})
	return ch.record(ctx, eventHandOverAsked, map[string]any{"doctor": in.DoctorId, "reason": in.Reason})
}

// AnswerHandOver ends an offer: the colleague accepts or declines, or the doctor who made it withdraws it. Accepting moves the
// grant by the rules of the claim. Errors: 409 hand_over_gone (answered, withdrawn, or of a grant that has ended), doctor_busy and
// slot_taken (what is planned lies across what the colleague has),
// 422 with the rule that speaks against the colleague.
func (s *Service) AnswerHandOver(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.HandOverAnswer) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	var freed *uuid.UUID
	var silenced []uuid.UUID
	err := s.onConsultation(ctx, a, &cmd, "answerHandOver", id, in, hospital, func(ch *change) error {
		row, err := pendingHandOver(ctx, ch.q, ch.c)
		if err != nil {
			return err
		}
		asked := row != nil && row.ToDoctor == a.UserID
		if row == nil || row.Epoch != in.Epoch || !asked && !ch.sight.holder {
			return ch.conflict(ctx, "hand_over_gone", nil)
		}
		kind, result := eventHandOverDeclined, "DECLINED"
		switch in.Answer {
		case contract.HandOverAnswerAnswerWITHDRAW:
			if asked || !ch.sight.holder {
				return problem.Forbidden()
			}
			kind, result = eventHandOverWithdrawn, "WITHDRAWN"
		default:
			if !asked {
				return problem.Forbidden()
			}
			if in.Answer == contract.HandOverAnswerAnswerACCEPT {
				freed, result = ch.c.DoctorID, "ACCEPTED"
			}
		}
		rows, err := ch.q.ResolveHandOver(ctx, db.ResolveHandOverParams{ID: row.ID, Result: result, Now: &ch.now})
		if err != nil {
			return fmt.Errorf("hand over: %w", err)
		}
		if rows != 1 {
			return ch.conflict(ctx, "hand_over_gone", nil)
		}
		ch.touch("state")
		// Who asked has to see the answer, also on the page of the queue.
		ch.inQueue("updated")
		if result == "ACCEPTED" {
			ch.role = RoleConsultant
			silenced, err = s.takeOver(ctx, ch, a, *row)
			return err
		}
		return ch.record(ctx, kind, map[string]any{"doctor": row.ToDoctor})
	})
	if err := s.oneEach(ctx, id, err); err != nil {
		return contract.Consultation{}, err
	}
	if freed != nil {
		s.ringFreed(ctx, *freed)
	}
	s.ringOn(ctx, silenced)
	return s.view(ctx, a, id)
}

// takeOver moves the grant: the colleague's licence, and the legal service where another department answers, are judged now; the
// epoch rises, so that every command and every media ticket of the former doctor is void. The call goes on. What was written of
// the report goes with the consultation, without the former doctor's private note. It names the requests of which the colleague
// was rung, so that they ring on.
func (s *Service) takeOver(ctx context.Context, ch *change, a identity.Actor, row db.HandOver) ([]uuid.UUID, error) {
	_, err := ch.q.RoundOfConsultation(ctx, ch.c.ID)
	if err != nil && !store.IsNone(err) {
		return nil, fmt.Errorf("round: %w", err)
	}
	if err != nil && ch.c.CreatedBy == a.UserID || answersFor(ch.c, a.UserID) { // as at the grant
		return nil, problem.New(http.StatusUnprocessableEntity, "both_sides", nil)
	}
	list, err := s.colleagues(ctx, ch.q, ch.c, &a.UserID, ch.now)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, problem.New(http.StatusConflict, "hand_over_gone", nil)
	}
	data := map[string]any{"from": row.FromDoctor, "doctor": row.ToDoctor, "reason": row.Reason}
	if ch.c.ServiceType == string(consult.OnlineRevisit) { // G-IH-06: the doctor is known again before each reception
		factor, err := s.useFactor(ctx, ch, a, purposeReception, "HAND_OVER")
		if err != nil {
			return nil, err
		}
		data["factor"] = factor.method
	}
	asked, err := ch.audience(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.route(ctx, ch, a.UserID, list[0].departments); err != nil {
		return nil, err
	}
	if !written(ch.c) {
		busy, err := ch.q.DoctorBusy(ctx, db.DoctorBusyParams{DoctorID: &a.UserID, ExceptID: ch.c.ID})
		if err != nil {
			return nil, fmt.Errorf("busy: %w", err)
		}
		if busy {
			return nil, ch.conflict(ctx, "doctor_busy", nil)
		}
	}
	if ch.c.State == string(consult.StateScheduled) && ch.c.SlotFrom != nil && ch.c.SlotTo != nil { // the colleague may have something at that time
		if err := ch.slotFree(ctx, &a.UserID, *ch.c.SlotFrom, *ch.c.SlotTo); err != nil {
			return nil, err
		}
	}
	data["departmentId"], data["serviceType"] = ch.c.DepartmentID, ch.c.ServiceType
	if err := ch.step(ctx, consult.ActHandOver, consult.RoleConsultant, row.Reason, data); err != nil {
		return nil, err
	}
	if err := ch.q.MoveGrant(ctx, db.MoveGrantParams{ID: ch.c.ID, DoctorID: &a.UserID, Now: ch.now}); err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	ch.c.DoctorID, ch.c.AssignedBy = &a.UserID, nil
	if ch.c.DepartmentID != nil && !slices.Contains(asked, *ch.c.DepartmentID) {
		if err := ch.q.AskDepartment(ctx, db.AskDepartmentParams{ConsultationID: ch.c.ID, DepartmentID: *ch.c.DepartmentID, Since: ch.now}); err != nil {
			return nil, fmt.Errorf("audience: %w", err)
		}
	}
	if err := s.handDraftOver(ctx, ch, a); err != nil {
		return nil, err
	}
	ch.duty = true
	ch.tell("consultation.changed", store.Audience{Users: []uuid.UUID{row.FromDoctor}}, consultationChanged{
		ConsultationID: ch.c.ID, State: ch.c.State, Epoch: ch.c.Epoch, Section: "state"})
	if written(ch.c) {
		return nil, nil
	}
	others, err := ch.q.WithdrawOffersOf(ctx, db.WithdrawOffersOfParams{DoctorID: a.UserID, Now: &ch.now, ExceptID: ch.c.ID})
	if err != nil {
		return nil, fmt.Errorf("other rings: %w", err)
	}
	for _, other := range others {
		ch.tell("ring.stop", store.Audience{Users: []uuid.UUID{a.UserID}}, ringStop{ConsultationID: other, Result: "withdrawn"})
	}
	return others, nil
}

// handDraftOver gives the colleague what was written of the report.
func (s *Service) handDraftOver(ctx context.Context, ch *change, a identity.Actor) error {
	draft, err := ch.q.CaseDraft(ctx, ch.c.ID)
	if store.IsNone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	content, err := s.openDraft(draft)
	if err != nil {
		return err
	}
	content.Note = nil
	sealed, err := s.sealDraft(ch.c.ID, content)
	if err != nil {
		return err
	}
	if err := ch.q.HandDraftOver(ctx, db.HandDraftOverParams{ConsultationID: ch.c.ID, AuthorID: a.UserID, ContentEnc: sealed, Now: ch.now}); err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	return nil
}

// handOver shows the newest offer, so that the bedside sees its doctor change and the colleague what is asked.
func (b *caseView) handOver(ctx context.Context) error {
	row, err := b.q.LatestHandOver(ctx, b.c.ID)
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	out := contract.HandOver{From: row.FromName, To: row.ToName, Reason: row.Reason, OfferedAt: row.OfferedAt.UTC(), ResolvedAt: utc(row.ResolvedAt),
		Result: contract.HandOverResult(row.Result)}
	if out.Result == "PENDING" && (row.Epoch != b.c.Epoch || !handableOver(b.c)) {
		out.Result = "WITHDRAWN"
	}
	out.ToMe = out.Result == "PENDING" && row.ToDoctor == b.a.UserID
	b.facts.handOver, b.facts.handOverToMe = out.Result == "PENDING", out.ToMe
	if b.v.holder || b.a.UserID == row.ToDoctor || b.a.UserID == row.FromDoctor {
		note, err := b.s.openText("hand_overs", "note_enc", row.ID, row.NoteEnc)
		if err != nil {
			return err
		}
		out.Note = some(note)
	}
	b.out.HandOver = &out
	return nil
}

// handOversTo are what colleagues ask a doctor to take over; names are masked until then.
func (s *Service) handOversTo(ctx context.Context, q *db.Queries, doctor uuid.UUID, now time.Time) ([]contract.HandOverToMe, error) {
	rows, err := q.HandOversTo(ctx, doctor)
	if err != nil {
		return nil, fmt.Errorf("hand over: %w", err)
	}
	out := []contract.HandOverToMe{}
	for _, r := range rows {
		name, err := s.openText("residents", "name_enc", r.Consultation.ResidentID, r.NameEnc)
		if err != nil {
			return nil, err
		}
		note, err := s.openText("hand_overs", "note_enc", r.HandOverID, r.NoteEnc)
		if err != nil {
			return nil, err
		}
		c := r.Consultation
		out = append(out, contract.HandOverToMe{ConsultationId: c.ID, Serial: c.Serial, Epoch: c.Epoch, Urgency: contract.Urgency(c.Urgency), State: contract.State(c.State),
			From: r.FromName, Reason: r.Reason, Note: some(note), OfferedAt: r.AskedAt.UTC(), Institution: r.Institution, Resident: contract.QueueResident{
				Name: consult.MaskName(name), Sex: contract.Sex(r.Sex), Age: consult.AgeAtInstant(consult.DateFromTime(r.BirthDate), now), Bed: r.Bed,
				Language: some(r.PreferredLanguage), HearingImpaired: &r.HearingImpaired}})
	}
	return out, nil
}
