package care

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
	"github.com/lianzhen-health/lianzhen/internal/store"
	"github.com/lianzhen-health/lianzhen/internal/store/db"
)

// roundWork is one transaction on a locked round. Consultations that change with it are kept until tell, which writes the outbox last.
type roundWork struct {
	s       *Service
	q       *db.Queries
	r       db.Round
	v       roundSight
	a       identity.Actor
	now     time.Time
	was     string // the state when it was locked
	changes []*change
	freed   bool        // the doctor can be rung again
	silent  []uuid.UUID // requests whose last ring ended because the doctor is taken now
}

func (s *Service) roundWork(q *db.Queries, r db.Round, v roundSight, a identity.Actor, now time.Time) *roundWork {
	return &roundWork{s: s, q: q, r: r, v: v, a: a, now: now, was: r.State}
}

// lockRound takes the row: the round is locked before its consultations, and nobody does it the other way round. Who does not see it gets 404.
func (s *Service) lockRound(ctx context.Context, q *db.Queries, a identity.Actor, id uuid.UUID) (db.Round, roundSight, time.Time, error) {
	r, err := q.LockRound(ctx, id)
	if err := one(err, "the round"); err != nil {
		return r, roundSight{}, time.Time{}, err
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return r, roundSight{}, now, err
	}
	v := seeRound(a, r)
	if !v.any() {
		return r, v, now, problem.NotFound()
	}
	return r, v, now, nil
}

// change is a change of one of the round's consultations by somebody.
func (w *roundWork) change(c db.Consultation, role string, actor *uuid.UUID, v sight) *change {
	ch := w.s.systemChange(w.q, c, w.now)
	ch.role, ch.actor, ch.sight, ch.round = role, actor, v, &w.r.ID
	return ch
}

func (w *roundWork) event(ctx context.Context, kind, from string, data map[string]any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("event %s: %w", kind, err)
	}
	if err := w.q.AddRoundEvent(ctx, db.AddRoundEventParams{ID: newID(), RoundID: w.r.ID, Type: kind, FromState: from, ToState: w.r.State, ActorID: w.a.UserID, ActorRole: w.v.role(), Data: raw, Now: w.now}); err != nil {
		return fmt.Errorf("event %s: %w", kind, err)
	}
	return nil
}

// save writes the row by compare-and-set, and what happened.
func (w *roundWork) save(ctx context.Context, kind string, data map[string]any) error {
	r := w.r
	n, err := w.q.SaveRound(ctx, db.SaveRoundParams{ID: r.ID, Revision: r.Revision, State: r.State, HospitalID: r.HospitalID, DepartmentID: r.DepartmentID, DoctorID: r.DoctorID, StartsAt: r.StartsAt,
		EndsAt: r.EndsAt, NurseID: r.NurseID, NurseRole: r.NurseRole, NurseAt: r.NurseAt, DoctorAt: r.DoctorAt, CurrentID: r.CurrentID, PauseReason: r.PauseReason, EndedAt: r.EndedAt, EndCode: r.EndCode, Now: w.now})
	if err != nil {
		return fmt.Errorf("save the round: %w", err)
	}
	if n != 1 {
		return roundMoved()
	}
	w.r.Revision++
	if data == nil {
		data = map[string]any{}
	}
	return w.event(ctx, kind, w.was, data)
}

type roundChanged struct {
	RoundID  uuid.UUID `json:"roundId"`
	State    string    `json:"state"`
	Revision int32     `json:"revision"`
}

// tell commits the consultations that changed and tells of the round, in the order in which outbox rows may be written.
func (w *roundWork) tell(ctx context.Context) error {
	type last struct {
		key   uuid.UUID
		write func() error
	}
	list := []last{{w.r.ID, func() error {
		return store.Append(ctx, w.q, w.r.ID, store.Envelope{Event: "round.changed", To: store.Audience{Organisations: []uuid.UUID{w.r.OrganisationID}, Users: []uuid.UUID{w.r.DoctorID, w.r.CreatedBy}},
			Data: roundChanged{RoundID: w.r.ID, State: w.r.State, Revision: w.r.Revision}})
	}}}
	for _, ch := range w.changes {
		list = append(list, last{ch.c.ID, func() error { return ch.commit(ctx) }})
	}
	slices.SortStableFunc(list, func(x, y last) int { return cmp.Compare(x.key[15]%store.Shards, y.key[15]%store.Shards) })
	for _, one := range list {
		if err := one.write(); err != nil {
			return err
		}
	}
	return nil
}

// StepRound carries a round on: opened by the nurse at the bedside and by the doctor, then from one resident to the next by either of them,
// with those who are passed over, interrupted for an emergency, and ended. Moving on names the resident who was seen as the present
// one, so that two who tap at the same time move once. Errors: 409 round_moved, round_step (not now), round_not_opened, doctor_busy, round_draft_gone,
// round_current_waiting; 422 consent_required and the code of the rule that stops the next resident, nothing being changed then.
func (s *Service) StepRound(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.RoundStep) (contract.Round, error) {
	if err := require(a, roundStaff()...); err != nil {
		return contract.Round{}, err
	}
	if err := checkRoundStep(in); err != nil {
		return contract.Round{}, err
	}
	request := struct {
		ID   uuid.UUID
		Body contract.RoundStep
	}{id, in}
	var w *roundWork
	_, err := store.Command{User: a.UserID, ID: cmd, Operation: "stepRound", Request: request}.Once(ctx, s.st.Tx, func(q *db.Queries) (uuid.UUID, error) {
		r, v, now, err := s.lockRound(ctx, q, a, id)
		if err != nil {
			return id, err
		}
		rows, err := q.RoundEntries(ctx, id)
		if err != nil {
			return id, fmt.Errorf("residents of the round: %w", err)
		}
		w = s.roundWork(q, r, v, a, now)
		if err := w.step(ctx, rows, in); err != nil {
			return id, err
		}
		return id, w.tell(ctx)
	})
	switch {
	case store.Violates(err, "rounds_one_running"):
		return contract.Round{}, problem.New(http.StatusConflict, "round_other_running", nil)
	case store.Violates(err, "consultations_one_per_doctor"):
		return contract.Round{}, problem.New(http.StatusConflict, "doctor_busy", nil)
	case store.Violates(err, "consultations_one_open_per_resident"):
		return contract.Round{}, problem.New(http.StatusConflict, "round_resident_busy", nil)
	case err != nil:
		return contract.Round{}, err
	}
	if w != nil && w.freed {
		s.ringFreed(ctx, w.r.DoctorID)
	}
	if w != nil {
		s.ringOn(ctx, w.silent)
	}
	return s.GetRound(ctx, a, id)
}

func checkRoundStep(in contract.RoundStep) error {
	var f form
	f.text("note", value(in.Note), 0, 500)
	switch string(in.Action) {
	case roundSkip:
		if in.EntryId == nil {
			f.add("entryId", "required")
		}
		f.code("reason", consult.VocabRoundSkip, value(in.Reason))
	case roundRestore:
		if in.EntryId == nil {
			f.add("entryId", "required")
		}
	case roundPause:
		f.code("reason", consult.VocabRoundPause, value(in.Reason))
	case roundCancel:
		f.code("reason", consult.VocabRoundCancel, value(in.Reason))
	}
	return f.err()
}

func (w *roundWork) step(ctx context.Context, rows []db.RoundEntriesRow, in contract.RoundStep) error {
	act := string(in.Action)
	if act == roundNext && w.v.goes() && (w.r.NurseAt == nil || w.r.DoctorAt == nil) {
		return problem.New(http.StatusConflict, "round_not_opened", nil)
	}
	moving := act == roundNext || act == roundPause || act == roundEnd
	if moving && w.r.CurrentID != nil && value(in.CurrentId) != *w.r.CurrentID || moving && w.r.CurrentID == nil && in.CurrentId != nil {
		return roundMoved()
	}
	if !slices.Contains(roundActions(w.r, rows, w.v, w.now), contract.RoundAction(in.Action)) {
		return problem.New(http.StatusConflict, "round_step", nil)
	}
	switch act {
	case roundOpen:
		return w.open(ctx)
	case roundNext:
		return w.next(ctx, rows, in)
	case roundSkip:
		return w.skip(ctx, rows, in)
	case roundRestore:
		return w.restore(ctx, rows, in)
	case roundPause:
		return w.pause(ctx, rows, *in.Reason)
	case roundResume:
		w.r.State, w.r.PauseReason = roundRunning, ""
		return w.save(ctx, act, nil)
	case roundEnd:
		return w.end(ctx, rows)
	}
	return w.cancel(ctx, rows, *in.Reason)
}

// open: the nurse asks for everybody on the list, the doctor accepts. What each resident still lacks is judged when it is their turn.
func (w *roundWork) open(ctx context.Context) error {
	if w.v.doctor {
		w.r.DoctorAt = &w.now
	} else {
		w.r.NurseID, w.r.NurseRole, w.r.NurseAt = &w.a.UserID, w.v.bedside, &w.now
	}
	return w.save(ctx, roundOpen, nil)
}

// entry finds a resident of the round.
func entryOf(rows []db.RoundEntriesRow, id uuid.UUID) (db.RoundEntriesRow, error) {
	i := slices.IndexFunc(rows, func(e db.RoundEntriesRow) bool { return e.RoundEntry.ID == id })
	if i < 0 {
		return db.RoundEntriesRow{}, problem.NotFound()
	}
	return rows[i], nil
}

// lock takes consultations in the order of their ids, as the relay's reports do.
func (w *roundWork) lock(ctx context.Context, ids ...uuid.UUID) (map[uuid.UUID]db.Consultation, error) {
	slices.SortFunc(ids, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	out := map[uuid.UUID]db.Consultation{}
	for _, id := range slices.Compact(ids) {
		c, err := w.q.LockConsultation(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("lock the consultation: %w", err)
		}
		out[id] = c
	}
	now, err := w.s.clock(ctx, w.q) // the times of a consultation's events never run backwards
	if err != nil {
		return nil, err
	}
	w.now = now
	return out, nil
}

func (w *roundWork) saveEntry(ctx context.Context, e db.RoundEntry, set func(*db.RoundEntry)) error {
	set(&e)
	if err := w.q.SaveRoundEntry(ctx, db.SaveRoundEntryParams{ID: e.ID, CalledAt: e.CalledAt, SkippedAt: e.SkippedAt, SkippedBy: e.SkippedBy, SkipReason: e.SkipReason, SkipNoteEnc: e.SkipNoteEnc}); err != nil {
		return fmt.Errorf("resident of the round: %w", err)
	}
	return nil
}

// skip passes somebody over: one who is still to come, or the present one as long as the session has not begun.
func (w *roundWork) skip(ctx context.Context, rows []db.RoundEntriesRow, in contract.RoundStep) error {
	e, err := entryOf(rows, *in.EntryId)
	if err != nil {
		return err
	}
	switch entryState(w.r, e) {
	case entryNow:
		locked, err := w.lock(ctx, e.RoundEntry.ConsultationID)
		if err != nil {
			return err
		}
		if err := w.unbegun(ctx, locked[e.RoundEntry.ConsultationID], *in.Reason); err != nil {
			return err
		}
	case entryNotYet:
	default:
		return problem.New(http.StatusConflict, "round_step", nil)
	}
	if err := w.saveEntry(ctx, e.RoundEntry, func(x *db.RoundEntry) {
		x.SkippedAt, x.SkippedBy, x.SkipReason, x.SkipNoteEnc = &w.now, &w.a.UserID, *in.Reason, w.s.sealText("round_entries", "skip_note_enc", x.ID, value(in.Note))
	}); err != nil {
		return err
	}
	return w.save(ctx, roundSkip, map[string]any{"entryId": e.RoundEntry.ID, "reason": *in.Reason})
}

// unbegun closes the consultation of the present resident, whose session never began; the call goes on.
func (w *roundWork) unbegun(ctx context.Context, c db.Consultation, reason string) error {
	if c.State != string(consult.StateWaiting) || c.StartedAt != nil {
		return problem.New(http.StatusConflict, "round_step", nil)
	}
	ch := w.change(c, w.v.role(), &w.a.UserID, sight{})
	act, role := consult.ActCancel, consult.Role(w.v.role())
	if w.v.doctor {
		act = consult.ActNoShow
	}
	if err := ch.step(ctx, act, role, reason, map[string]any{"reason": reason, "roundId": w.r.ID}); err != nil {
		return err
	}
	if err := w.q.UnlinkConsultation(ctx, db.UnlinkConsultationParams{ConsultationID: c.ID, Now: &w.now}); err != nil {
		return fmt.Errorf("leave the call: %w", err)
	}
	w.changes = append(w.changes, ch)
	return w.s.closeAs(ctx, ch, reason, "")
}

func (w *roundWork) restore(ctx context.Context, rows []db.RoundEntriesRow, in contract.RoundStep) error {
	e, err := entryOf(rows, *in.EntryId)
	if err != nil {
		return err
	}
	if entryState(w.r, e) != entrySkipped || e.RoundEntry.CalledAt != nil {
		return problem.New(http.StatusConflict, "round_step", nil)
	}
	if err := w.saveEntry(ctx, e.RoundEntry, func(x *db.RoundEntry) {
		x.SkippedAt, x.SkippedBy, x.SkipReason, x.SkipNoteEnc = nil, nil, "", nil
	}); err != nil {
		return err
	}
	return w.save(ctx, roundRestore, map[string]any{"entryId": e.RoundEntry.ID})
}

// current is the consultation whose turn it is, locked; nil when there is none any more.
func (w *roundWork) current(ctx context.Context, rows []db.RoundEntriesRow) (*change, error) {
	if w.r.CurrentID == nil {
		return nil, nil
	}
	e, err := entryOf(rows, *w.r.CurrentID)
	if err != nil {
		return nil, nil //nolint:nilerr // the resident was purged
	}
	locked, err := w.lock(ctx, e.RoundEntry.ConsultationID)
	if err != nil {
		return nil, err
	}
	ch := w.change(locked[e.RoundEntry.ConsultationID], w.v.role(), &w.a.UserID, sight{})
	w.changes = append(w.changes, ch)
	return ch, nil
}

// pause interrupts: the call ends for both, the doctor and the tablet are free, and the present resident's session can be resumed for as long as
// one that broke off; then its report is pending.
func (w *roundWork) pause(ctx context.Context, rows []db.RoundEntriesRow, reason string) error {
	ch, err := w.current(ctx, rows)
	if err != nil {
		return err
	}
	if ch != nil {
		switch consult.State(ch.c.State) {
		case consult.StateWaiting, consult.StateInProgress:
			if err := ch.step(ctx, consult.ActAbortTech, consult.RoleSystem, endRoundPaused, map[string]any{"reason": endRoundPaused, "why": reason, "roundId": w.r.ID}); err != nil {
				return err
			}
			if ch.c.MediaLostAt == nil {
				if err := w.q.SetMediaLost(ctx, db.SetMediaLostParams{ID: ch.c.ID, LostAt: &w.now, Now: w.now}); err != nil {
					return fmt.Errorf("pause: %w", err)
				}
				ch.c.MediaLostAt = &w.now
			}
			ch.duty = true
			ch.inQueue("updated")
		}
		if _, err := w.s.endOpenCall(ctx, ch, endRoundPaused); err != nil {
			return err
		}
		if err := w.s.countEffective(ctx, ch); err != nil {
			return err
		}
	}
	w.freed, w.r.State, w.r.PauseReason = true, roundPaused, reason
	return w.save(ctx, roundPause, map[string]any{"reason": reason})
}

// end closes the round and the call; who was not seen is passed over, and their drafts can still be made ordinary requests for a day.
func (w *roundWork) end(ctx context.Context, rows []db.RoundEntriesRow) error {
	ch, err := w.current(ctx, rows)
	if err != nil {
		return err
	}
	if ch != nil {
		switch consult.State(ch.c.State) {
		case consult.StateWaiting:
			if ch.c.StartedAt == nil {
				if err := w.s.noShow(ctx, ch, consult.RoleConsultant, "RESIDENT_ABSENT", ""); err != nil {
					return err
				}
			}
		case consult.StateInProgress, consult.StateAbortedTech:
			if err := w.s.finish(ctx, ch, consult.RoleConsultant, map[string]any{"roundId": w.r.ID}); err != nil {
				return err
			}
		}
		if _, err := w.s.endOpenCall(ctx, ch, endFinished); err != nil {
			return err
		}
	}
	left := 0
	for _, e := range rows {
		if entryState(w.r, e) != entryNotYet {
			continue
		}
		left++
		if err := w.saveEntry(ctx, e.RoundEntry, func(x *db.RoundEntry) { x.SkippedAt, x.SkippedBy, x.SkipReason = &w.now, &w.a.UserID, "ROUND_ENDED" }); err != nil {
			return err
		}
	}
	w.freed, w.r.State, w.r.EndedAt, w.r.EndCode, w.r.PauseReason = true, roundDone, &w.now, endFinished, ""
	return w.save(ctx, roundEnd, map[string]any{"notSeen": left})
}

// cancel calls a round off that nobody has begun; its drafts are voided.
func (w *roundWork) cancel(ctx context.Context, rows []db.RoundEntriesRow, reason string) error {
	ids := make([]uuid.UUID, len(rows))
	for i, e := range rows {
		ids[i] = e.RoundEntry.ConsultationID
	}
	if _, err := w.lock(ctx, ids...); err != nil {
		return err
	}
	for _, e := range rows {
		if err := w.drop(ctx, e); err != nil {
			return err
		}
	}
	w.r.State, w.r.EndedAt, w.r.EndCode = roundCancelled, &w.now, reason
	return w.save(ctx, roundCancel, map[string]any{"reason": reason})
}

// round says of which round a consultation is.
func (b *caseView) round(ctx context.Context) error {
	id, err := b.q.RoundOfConsultation(ctx, b.c.ID)
	switch {
	case err == nil:
		b.out.RoundId = &id
	case !store.IsNone(err):
		return fmt.Errorf("round: %w", err)
	}
	return nil
}
