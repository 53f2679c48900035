package care

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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

// ClaimConsultation is the doctor's answer. Exactly one wins: the row lock orders the claims and the compare-and-set decides;
// the others get 409 already_claimed with the winner's name. A doctor whom another consultation keeps busy gets 409
// doctor_busy; a written question keeps nobody busy. Claiming what one already holds under the same claim changes nothing.
func (s *Service) ClaimConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	var silenced []uuid.UUID
	try := func(lock rowLock) error {
		return s.onLocked(ctx, lock, a, &cmd, "claimConsultation", id, in, hospital, func(ch *change) (err error) {
			silenced, err = s.claim(ctx, ch, a, in.Epoch)
			return err
		})
	}
	err := s.race(ctx, a, id, try)
	if err := s.oneEach(ctx, id, err); err != nil {
		return contract.Consultation{}, err
	}
	s.ringOn(ctx, silenced)
	return s.view(ctx, a, id)
}

// race lets many doctors claim at the same instant. Who finds the row taken does not stand in line for its lock, where everybody
// would hold a connection and be told one after the other, but looks whether there is still something to win.
func (s *Service) race(ctx context.Context, a identity.Actor, id uuid.UUID, try func(rowLock) error) error {
	const longest = 100 * time.Millisecond
	for pause := 4 * time.Millisecond; pause <= longest; pause *= 2 {
		if err := s.lostAlready(ctx, a, id); err != nil {
			return err
		}
		if err := try(unlessAtWork); !errors.Is(err, errAtWork) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
	return try((*db.Queries).LockConsultation)
}

// errAtWork: somebody else has the row.
var errAtWork = errors.New("care: somebody else is at work on the consultation")

// unlessAtWork locks a row that exists, or says at once that somebody else has it.
func unlessAtWork(q *db.Queries, ctx context.Context, id uuid.UUID) (db.Consultation, error) {
	c, err := q.LockFree(ctx, id)
	if store.IsNone(err) {
		err = errAtWork
	}
	return c, err
}

// lostAlready refuses with already_claimed when a colleague holds the request; anything else is for the claim itself to say.
func (s *Service) lostAlready(ctx context.Context, a identity.Actor, id uuid.UUID) error {
	q := s.st.Q()
	c, err := q.GetConsultation(ctx, id)
	if store.IsNone(err) {
		return problem.NotFound()
	}
	if err != nil {
		return fmt.Errorf("load the consultation: %w", err)
	}
	if c.State == string(consult.StateOffered) || c.DoctorID == nil || *c.DoctorID == a.UserID {
		return nil
	}
	now, err := s.clock(ctx, q)
	if err != nil {
		return err
	}
	v, err := s.see(ctx, q, a, c, now)
	if err != nil || !v.any() {
		return err // the claim itself says that it does not exist for this doctor
	}
	if !hospital(v) {
		return problem.Forbidden()
	}
	current := s.current(ctx, q, c)
	return problem.New(http.StatusConflict, "already_claimed", problem.Args{"doctor": value(current.DoctorName)}).With(current)
}

// oneEach turns the violation of a doctor's one consultation into doctor_busy.
func (s *Service) oneEach(ctx context.Context, id uuid.UUID, err error) error {
	if !store.Violates(err, "consultations_one_per_doctor") {
		return err
	}
	if c, found := s.st.Q().GetConsultation(ctx, id); found == nil {
		return problem.Conflict("doctor_busy", s.current(ctx, s.st.Q(), c))
	}
	return problem.New(http.StatusConflict, "doctor_busy", nil)
}

func (s *Service) claim(ctx context.Context, ch *change, a identity.Actor, epoch int64) ([]uuid.UUID, error) {
	if ch.c.State != string(consult.StateOffered) {
		switch {
		case ch.c.DoctorID == nil:
			return nil, ch.conflict(ctx, "no_longer_waiting", nil)
		case ch.sight.holder && consult.HoldsDoctor(consult.State(ch.c.State)) && ch.c.Epoch == epoch+1:
			return nil, nil
		}
		return nil, s.alreadyClaimed(ctx, ch)
	}
	if epoch != ch.c.Epoch {
		return nil, ch.conflict(ctx, "epoch_stale", nil)
	}
	departments, err := ch.audience(ctx)
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(consultantDepartments(a), func(d uuid.UUID) bool { return !slices.Contains(departments, d) })
	if len(own) == 0 {
		return nil, problem.Forbidden()
	}
	g := granted{doctor: a.UserID, name: a.Name, departments: own, action: consult.ActClaim, event: string(consult.ActClaim), role: consult.RoleConsultant}
	if ch.c.ServiceType == string(consult.OnlineRevisit) { // G-IH-06: the doctor is known again before each reception
		factor, err := s.useFactor(ctx, ch, a, purposeReception, "CLAIM")
		if err != nil {
			return nil, err
		}
		g.data = map[string]any{"factor": factor.method}
	}
	return s.grant(ctx, ch, g)
}

func (s *Service) alreadyClaimed(ctx context.Context, ch *change) error {
	now := s.current(ctx, ch.q, ch.c)
	return problem.New(http.StatusConflict, "already_claimed", problem.Args{"doctor": value(now.DoctorName)}).With(now)
}

// granted is who gets a request, and how.
type granted struct {
	doctor      uuid.UUID
	name        string
	departments []uuid.UUID // in which he may answer for it
	action      consult.Action
	event       string
	role        consult.Role // who does it
	assignedBy  *uuid.UUID
	data        map[string]any
}

// grant gives the request to the doctor, who is not of the side that asks for it (G-RM-10: one gives an opinion, another decides on it): his licence, and the legal service where another department than the one asked for
// answers, are judged now; the epoch rises and the rings end, his other ones as well. It names the requests of which he was
// rung, so that they ring on.
func (s *Service) grant(ctx context.Context, ch *change, g granted) ([]uuid.UUID, error) {
	if ch.round == nil && ch.c.CreatedBy == g.doctor || answersFor(ch.c, g.doctor) { // a doctor may plan an own round
		return nil, problem.New(http.StatusUnprocessableEntity, "both_sides", nil)
	}
	if err := s.route(ctx, ch, g.doctor, g.departments); err != nil {
		return nil, err
	}
	if !written(ch.c) {
		busy, err := ch.q.DoctorBusy(ctx, db.DoctorBusyParams{DoctorID: &g.doctor, ExceptID: ch.c.ID})
		if err != nil {
			return nil, fmt.Errorf("busy: %w", err)
		}
		if busy {
			return nil, ch.conflict(ctx, "doctor_busy", nil)
		}
	}
	if err := ch.q.ClaimOffer(ctx, db.ClaimOfferParams{ID: newID(), ConsultationID: ch.c.ID, Epoch: ch.c.Epoch, DoctorID: g.doctor, Now: ch.now}); err != nil {
		return nil, fmt.Errorf("offer: %w", err)
	}
	data := map[string]any{"waitedSeconds": 0, "departmentId": ch.c.DepartmentID, "invitedOrgId": ch.c.InvitedOrgID,
		"agreementId": ch.c.AgreementID, "serviceType": ch.c.ServiceType}
	if ch.c.OfferedAt != nil {
		data["waitedSeconds"] = int(ch.now.Sub(*ch.c.OfferedAt).Seconds())
	}
	for k, v := range g.data {
		data[k] = v
	}
	if err := ch.stepAs(ctx, g.action, g.event, g.role, "", data); err != nil {
		return nil, err
	}
	if err := ch.q.SetGranted(ctx, db.SetGrantedParams{ID: ch.c.ID, DoctorID: &g.doctor, Now: &ch.now, AssignedBy: g.assignedBy}); err != nil {
		return nil, fmt.Errorf("grant: %w", err)
	}
	ch.c.DoctorID, ch.c.AssignedBy, ch.c.LadderDueAt, ch.c.RingDueAt = &g.doctor, g.assignedBy, nil, nil
	if err := ch.q.EstimateHappened(ctx, db.EstimateHappenedParams{ConsultationID: ch.c.ID, TakenAt: &ch.now}); err != nil {
		return nil, fmt.Errorf("estimate: %w", err)
	}
	if err := ch.stopRinging(ctx, "LOST", "claimed", g.name); err != nil {
		return nil, err
	}
	// The winner's other pages stop as well.
	ch.tell("ring.stop", store.Audience{Users: []uuid.UUID{g.doctor}}, ringStop{ConsultationID: ch.c.ID, Result: "claimed", DoctorName: g.name})
	var others []uuid.UUID
	if !written(ch.c) {
		var err error
		if others, err = ch.q.WithdrawOffersOf(ctx, db.WithdrawOffersOfParams{DoctorID: g.doctor, Now: &ch.now, ExceptID: ch.c.ID}); err != nil {
			return nil, fmt.Errorf("other rings: %w", err)
		}
	}
	for _, other := range others {
		ch.tell("ring.stop", store.Audience{Users: []uuid.UUID{g.doctor}}, ringStop{ConsultationID: other, Result: "withdrawn"})
	}
	ch.inQueue("claimed")
	ch.duty = true
	if err := ch.alertGranted(ctx); err != nil {
		return nil, err
	}
	return others, s.readyIfConsented(ctx, ch)
}

// ReleaseConsultation gives an accepted request back before the call, with a reason (G-RM-09). It is offered again under a
// new epoch and keeps its place; the doctor who gave it back is not rung for it.
func (s *Service) ReleaseConsultation(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.EpochReasonRequest) (contract.Consultation, error) {
	if err := require(a, RoleConsultant); err != nil {
		return contract.Consultation{}, err
	}
	if err := checkTerm(ReleaseReasons(), "reason", in.Reason); err != nil {
		return contract.Consultation{}, err
	}
	var doctors *roster
	err := s.onConsultation(ctx, a, &cmd, "releaseConsultation", id, in, hospital, func(ch *change) error {
		doctors = &ch.roster
		if err := ch.atEpoch(ctx, in.Epoch); err != nil {
			return err
		}
		if err := ch.step(ctx, consult.ActRelease, consult.RoleConsultant, in.Reason, map[string]any{"reason": in.Reason}); err != nil {
			return err
		}
		// Who gave it back is not rung for it again.
		offer := newID()
		if err := ch.q.DeclineOffer(ctx, db.DeclineOfferParams{ID: offer, ConsultationID: ch.c.ID, Epoch: ch.c.Epoch, DoctorID: a.UserID, Now: ch.now,
			ReasonCode: in.Reason, NoteEnc: s.sealText("offers", "note_enc", offer, value(in.Note))}); err != nil {
			return fmt.Errorf("offer: %w", err)
		}
		return s.offerAgain(ctx, ch)
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	s.ringFreed(ctx, a.UserID)
	return s.viewWith(ctx, a, id, doctors)
}

// offerAgain puts a request that was given back into the queue, where it keeps its place and its step of the ladder. It is a
// request to the department that was asked for again, whoever answered meanwhile.
func (s *Service) offerAgain(ctx context.Context, ch *change) error {
	if err := s.letGo(ctx, ch); err != nil {
		return err
	}
	if err := s.routeBack(ctx, ch); err != nil {
		return err
	}
	ch.inQueue("released")
	ch.duty = true
	return s.startLadder(ctx, ch)
}
