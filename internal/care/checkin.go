package care

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
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

// The attending doctor in the resident's room (G-RM-03) checks in on the nurse's tablet: by a PIN, or by a code for one use that
// the doctor's own screen shows for a minute. Presence is the time between check-in and check-out in which the relay carried
// that tablet; a button alone is none. Guessing locks the doctor's check-in, not the tablet's.

// checkInCodeLife is how long a code on the doctor's screen holds.
const checkInCodeLife = time.Minute

const (
	checkInPIN = "PIN"
	checkInQR  = "QR"
)

// SetCheckInPin sets the caller's own PIN; the password is asked again. Runs and repetitions are refused (pin_too_simple).
func (s *Service) SetCheckInPin(ctx context.Context, a identity.Actor, in contract.PinRequest) error {
	if err := require(a, RoleAttending, RoleFamilyDoctor); err != nil {
		return err
	}
	if simplePin(in.Pin) {
		return problem.Invalid(problem.Field{Path: "pin", Code: "pin_too_simple"})
	}
	if err := s.id.VerifyPassword(ctx, a, in.Password); err != nil {
		return err
	}
	hash, err := s.id.HashPassword(ctx, in.Pin)
	if err != nil {
		return err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return err
	}
	if err := s.st.Q().SetPin(ctx, db.SetPinParams{UserID: a.UserID, PinHash: hash, Now: now}); err != nil {
		return fmt.Errorf("set the PIN: %w", err)
	}
	return nil
}

// simplePin: the same digit throughout, or a run up or down.
func simplePin(pin string) bool {
	same, up, down := true, true, true
	for i := 1; i < len(pin); i++ {
		step := int(pin[i]) - int(pin[i-1])
		same, up, down = same && step == 0, up && step == 1, down && step == -1
	}
	return same || up || down
}

// GetCheckInCode draws a code for one check-in, which the doctor shows or says at the bedside.
func (s *Service) GetCheckInCode(ctx context.Context, a identity.Actor) (contract.CheckInCode, error) {
	if err := require(a, RoleAttending, RoleFamilyDoctor); err != nil {
		return contract.CheckInCode{}, err
	}
	now, err := s.instant(ctx)
	if err != nil {
		return contract.CheckInCode{}, err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1e8))
	if err != nil {
		return contract.CheckInCode{}, fmt.Errorf("draw a code: %w", err)
	}
	code, until := fmt.Sprintf("%08d", n), now.Add(checkInCodeLife).UTC()
	if err := s.st.Q().SetCheckInCode(ctx, db.SetCheckInCodeParams{UserID: a.UserID, CodeHmac: s.keep.Lookup("check-in", a.UserID.String()+code),
		CodeExpires: &until, Now: now}); err != nil {
		return contract.CheckInCode{}, fmt.Errorf("keep a code: %w", err)
	}
	return contract.CheckInCode{Code: code, ExpiresAt: until}, nil
}

// CheckIn notes that an attending doctor of the institution is at the bedside. Errors: 422 wrong_code on the field code, 429
// account_locked, 409 no_longer_editable when there is no session to accompany.
func (s *Service) CheckIn(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.CheckInRequest) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	code := in.Code
	in.Code = ""
	// A repetition whose answer was lost is no guess: the code of the first try is used up.
	if done, _, err := s.once(ctx, s.st.Q(), a, cmd, "checkIn", struct {
		ID   uuid.UUID
		Body any
	}{id, in}); err != nil {
		return contract.Consultation{}, err
	} else if done {
		return s.view(ctx, a, id)
	}
	if err := s.knowsCode(ctx, a, id, in, code); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "checkIn", id, in, bedside, func(ch *change) error {
		if !accompanied(ch.c) {
			return ch.conflict(ctx, "no_longer_editable", nil)
		}
		if err := atHome(ctx, ch); err != nil {
			return err
		}
		row := newID()
		n, err := ch.q.AddCheckIn(ctx, db.AddCheckInParams{ID: row, ConsultationID: ch.c.ID, UserID: in.UserId, Method: string(in.Method), TakenBy: a.UserID, Now: ch.now})
		if err != nil {
			return fmt.Errorf("check in: %w", err)
		}
		if n == 0 {
			return nil // there already
		}
		ch.touch("call")
		return ch.record(ctx, eventAttendingIn, map[string]any{"users": []uuid.UUID{in.UserId}, "method": string(in.Method), "checkInId": row})
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// accompanied: while a session is to come or on. Before the request is made as well: who is there decides which service it can be.
func accompanied(c db.Consultation) bool {
	switch consult.State(c.State) {
	case consult.StateDraft, consult.StateReturned, consult.StateSubmitted, consult.StateTriaged, consult.StateOffered, consult.StateAccepted, consult.StateScheduled, consult.StateWaiting, consult.StateInProgress, consult.StateAbortedTech:
		return !written(c)
	}
	return false
}

// checkInLapses is how long a check-in that was made before the request still stands when the request is made.
const checkInLapses = time.Hour

// accompanying is the attending doctor who answers for a request: the caller, who checked in at the bedside last, or at a home the doctor who
// visits; else nil.
func (s *Service) accompanying(ctx context.Context, q *db.Queries, caller *uuid.UUID, c db.Consultation, now time.Time) (*uuid.UUID, error) {
	if caller != nil {
		return caller, nil
	}
	rows, err := q.CheckInsOfConsultation(ctx, c.ID)
	if err != nil {
		return nil, fmt.Errorf("check-ins: %w", err)
	}
	for _, r := range slices.Backward(rows) {
		if r.Until == nil && r.Since.After(now.Add(-checkInLapses)) {
			return &r.UserID, nil
		}
	}
	return visitingDoctor(ctx, q, c, now)
}

// knowsCode compares what was typed on the tablet with the doctor's PIN or code. It stands outside of the command, so that a
// wrong guess counts although the command changes nothing.
func (s *Service) knowsCode(ctx context.Context, a identity.Actor, id uuid.UUID, in contract.CheckInRequest, code string) error {
	q := s.st.Q()
	now, err := s.instant(ctx)
	if err != nil {
		return err
	}
	c, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return err
	}
	if !bedside(v) {
		return problem.Forbidden()
	}
	attendings, err := q.AttendingsOf(ctx, db.AttendingsOfParams{OrganisationID: c.InvitingOrgID, Visitors: c.Visitors, Now: now})
	if err != nil {
		return fmt.Errorf("attending doctors: %w", err)
	}
	known := false
	for _, d := range attendings {
		known = known || d.ID == in.UserId
	}
	if !known {
		return problem.Invalid(problem.Field{Path: "userId", Code: "not_in_role_here"})
	}
	var locked *time.Time
	fits := false
	err = s.st.Tx(ctx, func(q *db.Queries) error {
		row, err := q.AttendingPin(ctx, in.UserId)
		if store.IsNone(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("PIN: %w", err)
		}
		if locked = row.LockedUntil; locked != nil && locked.After(now) {
			return nil
		}
		switch in.Method {
		case checkInPIN:
			if row.PinHash != "" {
				if fits, err = s.id.Matches(ctx, row.PinHash, code); err != nil {
					return err
				}
			}
		case checkInQR:
			if row.CodeExpires != nil && row.CodeExpires.After(now) {
				for _, h := range s.keep.Lookups("check-in", in.UserId.String()+code) {
					fits = fits || string(h) == string(row.CodeHmac)
				}
			}
		}
		if fits {
			return q.PinFits(ctx, in.UserId)
		}
		locked, err = q.PinFailed(ctx, db.PinFailedParams{UserID: in.UserId, At: now})
		return err
	})
	switch {
	case err != nil:
		return err
	case fits:
		return nil
	case locked != nil && locked.After(now):
		left := locked.Sub(now)
		p := problem.New(http.StatusTooManyRequests, "check_in_locked", problem.Args{"minutes": fmt.Sprint(int((left + time.Minute - 1) / time.Minute))})
		p.RetryAfterSeconds = int((left + time.Second - 1) / time.Second)
		return p
	}
	return problem.Invalid(problem.Field{Path: "code", Code: "wrong_code"})
}

// CheckOut notes that the attending doctor has left.
func (s *Service) CheckOut(ctx context.Context, a identity.Actor, cmd, id uuid.UUID, in contract.CheckOutRequest) (contract.Consultation, error) {
	if err := require(a, bedsideRoles()...); err != nil {
		return contract.Consultation{}, err
	}
	err := s.onConsultation(ctx, a, &cmd, "checkOut", id, in, bedside, func(ch *change) error {
		n, err := ch.q.EndCheckIn(ctx, db.EndCheckInParams{ID: in.CheckInId, ConsultationID: ch.c.ID, Now: &ch.now})
		if err != nil {
			return fmt.Errorf("check out: %w", err)
		}
		if n == 0 {
			return ch.conflict(ctx, "already_done", nil)
		}
		ch.touch("call")
		return ch.record(ctx, eventAttendingOut, map[string]any{"checkInId": in.CheckInId})
	})
	if err != nil {
		return contract.Consultation{}, err
	}
	return s.view(ctx, a, id)
}

// ListCheckIns gives who was at the bedside, and to the bedside also who may be checked in.
func (s *Service) ListCheckIns(ctx context.Context, a identity.Actor, id uuid.UUID) (contract.CheckIns, error) {
	if err := require(a, RoleNurse, RoleAttending, RoleFamilyDoctor, RoleConsultant); err != nil {
		return contract.CheckIns{}, err
	}
	q := s.st.Q()
	now, err := s.instant(ctx)
	if err != nil {
		return contract.CheckIns{}, err
	}
	c, v, err := s.readConsultation(ctx, q, a, id, now)
	if err != nil {
		return contract.CheckIns{}, err
	}
	if !v.clinical() {
		return contract.CheckIns{}, problem.Forbidden()
	}
	out := contract.CheckIns{Attendings: []contract.AttendingChoice{}}
	if out.CheckIns, err = checkInViews(ctx, q, c.ID, now); err != nil || !v.care() {
		return out, err
	}
	rows, err := q.AttendingsOf(ctx, db.AttendingsOfParams{OrganisationID: c.InvitingOrgID, Visitors: c.Visitors, Now: now})
	if err != nil {
		return out, fmt.Errorf("attending doctors: %w", err)
	}
	for _, r := range rows {
		out.Attendings = append(out.Attendings, contract.AttendingChoice{UserId: r.ID, Name: r.DisplayName, OnDuty: r.OnDuty, HasPin: r.HasPin})
	}
	return out, nil
}

// checkInViews shows each check-in with the time that counts: that in which the relay carried the tablet on which it was made.
func checkInViews(ctx context.Context, q *db.Queries, id uuid.UUID, now time.Time) ([]contract.CheckIn, error) {
	rows, err := q.CheckInsOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("check-ins: %w", err)
	}
	out := make([]contract.CheckIn, len(rows))
	if len(rows) == 0 {
		return out, nil
	}
	intervals, err := q.CaseIntervals(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("media intervals: %w", err)
	}
	for i, r := range rows {
		until := now
		if r.Until != nil {
			until = *r.Until
		}
		var tablet []consult.Interval
		for _, m := range intervals {
			if m.Kind == "media" && m.UserID == r.TakenBy {
				tablet = append(tablet, consult.Interval{From: m.StartedAt, To: m.LastSeenAt})
			}
		}
		present := consult.AttendingPresence([]consult.Interval{{From: r.Since, To: until}}, tablet)
		out[i] = contract.CheckIn{Id: r.ID, UserId: r.UserID, Name: r.DisplayName, Method: contract.CheckInMethod(r.Method), Since: r.Since.UTC(), Until: utc(r.Until),
			PresentSeconds: int(present / time.Second)}
	}
	return out, nil
}

func (b *caseView) checkIns(ctx context.Context) error {
	list, err := checkInViews(ctx, b.q, b.c.ID, b.now)
	if err != nil {
		return err
	}
	b.out.CheckIns = &list
	return nil
}
