package care

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// next ends what is on and makes it the next resident's turn, in the same call. Where the rules stop that resident nothing changes.
func (w *roundWork) next(ctx context.Context, rows []db.RoundEntriesRow, in contract.RoundStep) error {
	var to db.RoundEntriesRow
	for _, e := range rows {
		if entryState(w.r, e) == entryNotYet && (in.EntryId == nil || *in.EntryId == e.RoundEntry.ID) {
			to = e
			break
		}
	}
	if to.RoundEntry.ID == uuid.Nil {
		return problem.New(http.StatusConflict, "round_step", nil)
	}
	ids := []uuid.UUID{to.RoundEntry.ConsultationID}
	var from *db.RoundEntriesRow
	if w.r.CurrentID != nil {
		if e, err := entryOf(rows, *w.r.CurrentID); err == nil {
			from = &e
			ids = append(ids, e.RoundEntry.ConsultationID)
		}
	}
	locked, err := w.lock(ctx, ids...)
	if err != nil {
		return err
	}
	var call *uuid.UUID
	if from != nil {
		if call, err = w.leave(ctx, locked[from.RoundEntry.ConsultationID]); err != nil {
			return err
		}
	}
	if err := w.call(ctx, locked[to.RoundEntry.ConsultationID], call); err != nil {
		return err
	}
	if err := w.saveEntry(ctx, to.RoundEntry, func(e *db.RoundEntry) { e.CalledAt = &w.now }); err != nil {
		return err
	}
	w.r.CurrentID, w.r.State = &to.RoundEntry.ID, roundRunning
	return w.save(ctx, roundNext, map[string]any{"entryId": to.RoundEntry.ID, "callId": call})
}

// leave ends the session with the present resident, whose report is then pending, and gives the call, which goes on.
func (w *roundWork) leave(ctx context.Context, c db.Consultation) (*uuid.UUID, error) {
	ch := w.change(c, w.v.role(), &w.a.UserID, sight{})
	call, err := w.q.OpenCallOf(ctx, c.ID)
	if err != nil && !store.IsNone(err) {
		return nil, fmt.Errorf("open call: %w", err)
	}
	none := store.IsNone(err)
	switch consult.State(c.State) {
	case consult.StateWaiting:
		return nil, problem.New(http.StatusConflict, "round_current_waiting", nil)
	case consult.StateInProgress, consult.StateAbortedTech:
		// The doctor who opened the round is who finishes, whoever of the two tapped.
		if err := w.s.finish(ctx, ch, consult.RoleConsultant, map[string]any{"roundId": w.r.ID}); err != nil {
			return nil, err
		}
		if err := ch.settle(ctx); err != nil {
			return nil, err
		}
		w.changes = append(w.changes, ch)
	}
	if err := w.q.UnlinkConsultation(ctx, db.UnlinkConsultationParams{ConsultationID: c.ID, Now: &w.now}); err != nil {
		return nil, fmt.Errorf("leave the call: %w", err)
	}
	if none {
		return nil, nil
	}
	return &call.ID, nil
}

// stillThere refuses to go on in the name of somebody whose role has ended since the round was opened. The place of a nurse who is gone falls to who
// moves on at the bedside; that of a doctor to nobody.
func (w *roundWork) stillThere(ctx context.Context) error {
	if value(w.r.NurseID) == w.r.DoctorID {
		return problem.New(http.StatusUnprocessableEntity, "both_sides", nil)
	}
	held, err := w.s.id.MembershipsOf(ctx, []uuid.UUID{w.r.DoctorID, value(w.r.NurseID)})
	if err != nil {
		return fmt.Errorf("who goes the round: %w", err)
	}
	if !slices.ContainsFunc(held[w.r.DoctorID], func(m identity.Membership) bool {
		return m.Role == RoleConsultant && m.OrganisationID == w.r.HospitalID && value(m.DepartmentID) == w.r.DepartmentID
	}) {
		return problem.New(http.StatusConflict, "round_doctor_gone", nil)
	}
	if slices.ContainsFunc(held[value(w.r.NurseID)], func(m identity.Membership) bool {
		return m.Role == w.r.NurseRole && m.OrganisationID == w.r.OrganisationID
	}) {
		return nil
	}
	if w.v.bedside == "" {
		return problem.New(http.StatusConflict, "round_nurse_gone", nil)
	}
	w.r.NurseID, w.r.NurseRole, w.r.NurseAt = &w.a.UserID, w.v.bedside, &w.now
	return nil
}

// call makes a draft a consultation that is on: the nurse's request, the doctor's acceptance, the gates of the start, its place in the call.
func (w *roundWork) call(ctx context.Context, c db.Consultation, call *uuid.UUID) error {
	s, doctor := w.s, w.r.DoctorID
	if err := w.stillThere(ctx); err != nil {
		return err
	}
	nurse := identity.Actor{UserID: value(w.r.NurseID), Locale: w.a.Locale}
	service, blocks, err := s.roundBlocks(ctx, w.q, nurse, w.r, c.ID, w.now)
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if b.Code == "round_draft_gone" || b.Code == "round_resident_busy" {
			return problem.New(http.StatusConflict, b.Code, nil)
		}
	}
	asked := contract.SubmitRequest{Urgency: contract.Urgency(c.Urgency), DepartmentId: &w.r.DepartmentID}
	if service == string(consult.RemoteRound) {
		asked.ServiceType = &service
	}
	ch := w.change(c, w.r.NurseRole, w.r.NurseID, sight{nurse: w.r.NurseRole == RoleNurse, attending: w.r.NurseRole == RoleAttending})
	if err := s.submit(ctx, ch, asked); err != nil {
		return err
	}
	again := func(role string, actor *uuid.UUID, v sight) error {
		if err := ch.settle(ctx); err != nil {
			return err
		}
		if ch.c, err = w.q.GetConsultation(ctx, c.ID); err != nil {
			return fmt.Errorf("consultation of the round: %w", err)
		}
		ch.role, ch.actor, ch.sight = role, actor, v
		return nil
	}
	if err := again(RoleConsultant, &doctor, sight{consultant: true}); err != nil {
		return err
	}
	people, err := w.q.CasePeople(ctx, db.CasePeopleParams{Ids: []uuid.UUID{doctor}, Day: consult.DateOf(w.now).Time()})
	if err != nil {
		return fmt.Errorf("doctor of the round: %w", err)
	}
	name := ""
	if len(people) == 1 {
		name = people[0].DisplayName
	}
	if w.silent, err = s.grant(ctx, ch, granted{doctor: doctor, name: name, departments: []uuid.UUID{w.r.DepartmentID}, action: consult.ActClaim, event: string(consult.ActClaim),
		role: consult.RoleConsultant, data: map[string]any{"roundId": w.r.ID}}); err != nil {
		return err
	}
	if ch.c.State != string(consult.StateWaiting) {
		return problem.New(http.StatusUnprocessableEntity, "consent_required", nil)
	}
	if err := again(w.v.role(), &w.a.UserID, sight{}); err != nil {
		return err
	}
	if err := ch.mayStart(ctx); err != nil {
		return err
	}
	if call != nil {
		if err := w.q.LinkCall(ctx, db.LinkCallParams{CallID: *call, ConsultationID: c.ID, Now: w.now}); err != nil {
			return fmt.Errorf("into the call: %w", err)
		}
	}
	if err := ch.record(ctx, eventRoundTurn, map[string]any{"roundId": w.r.ID, "callId": call}); err != nil {
		return err
	}
	ch.touch("call")
	if err := again(string(consult.RoleSystem), nil, sight{}); err != nil {
		return err
	}
	if err := s.followMedia(ctx, ch); err != nil {
		return err
	}
	w.changes = append(w.changes, ch)
	return nil
}
